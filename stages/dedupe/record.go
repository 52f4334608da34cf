package dedupe

import (
	"encoding/binary"
	"math/bits"

	"github.com/zeebo/xxh3"
)

// record is what settle, resolve and index need of one document, in the form of the sketch and signature files. It carries
// its own checksum, because candidates are read one at a time, anywhere in a file.
//
//	0 signature, 256 exact hash, 272 key hash, 288 id, 304 shingles uint32, 308 text bytes uint32, 312 xxh3 of the above
type record [recordBytes]byte

const (
	recordBytes  = 320
	recordSummed = recordBytes - 8
)

func (r *record) signature() *[slotCount]byte { return (*[slotCount]byte)(r[:]) }
func (r *record) exact() *[16]byte            { return (*[16]byte)(r[256:]) }
func (r *record) key() *[16]byte              { return (*[16]byte)(r[272:]) }
func (r *record) id() *[16]byte               { return (*[16]byte)(r[288:]) }
func (r *record) shingles() int               { return int(binary.LittleEndian.Uint32(r[304:])) }
func (r *record) bytes() uint32               { return binary.LittleEndian.Uint32(r[308:]) }

func (r *record) setCounts(shingles int, bytes uint32) {
	binary.LittleEndian.PutUint32(r[304:], uint32(shingles))
	binary.LittleEndian.PutUint32(r[308:], bytes)
}

// seal sets the checksum.
func (r *record) seal() { binary.LittleEndian.PutUint64(r[recordSummed:], xxh3.Hash(r[:recordSummed])) }

// sealed says whether the checksum is right.
func (r *record) sealed() bool {
	return binary.LittleEndian.Uint64(r[recordSummed:]) == xxh3.Hash(r[:recordSummed])
}

// equalBytes is the number of positions where two signatures agree, eight at a time.
func equalBytes(a, b *[slotCount]byte) int {
	const low7 = 0x7F7F7F7F7F7F7F7F
	n := 0
	for i := 0; i < slotCount; i += 8 {
		x := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:])
		// The high bit of a byte of differ is set where the byte of x is not zero.
		differ := (x&low7 + low7) | x
		n += bits.OnesCount64(^differ &^ low7)
	}
	return n
}

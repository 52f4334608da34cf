package dedupe

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline/columnar"
)

// record is what settle, resolve and index need of one document, in the form of the sketch and signature files. It carries
// its own checksum, because candidates are read one at a time, anywhere in a file.
//
//	0 signature, 256 exact hash, 272 key hash, 288 id, 304 shingles uint32, 308 text bytes uint32, 312 xxh3 of the above
type record [recordBytes]byte

const (
	signatureBytes = columnar.SignatureBytes

	recordBytes  = 320
	recordSummed = recordBytes - 8
)

func (r *record) signature() *[signatureBytes]byte { return (*[signatureBytes]byte)(r[:]) }
func (r *record) exact() *[16]byte                 { return (*[16]byte)(r[256:]) }
func (r *record) key() *[16]byte                   { return (*[16]byte)(r[272:]) }
func (r *record) id() *[16]byte                    { return (*[16]byte)(r[288:]) }
func (r *record) shingles() int                    { return int(binary.LittleEndian.Uint32(r[304:])) }
func (r *record) bytes() uint32                    { return binary.LittleEndian.Uint32(r[308:]) }

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

// goneRecord is that of a document of which nothing is left but its number.
var goneRecord = func() (r record) {
	r.seal()
	return r
}()

// noKey is the key hash of a document whose key text is empty.
var noKey [16]byte

// noSignature is the signature of a document that is too short for one.
var noSignature [signatureBytes]byte

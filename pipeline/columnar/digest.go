package columnar

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/zeebo/xxh3"
)

// digest is a running hash of the document columns of a spill. Each column is hashed as one stream, strings as the stream of
// their hashes, so the result does not depend on how rows are cut into blocks.
type digest struct {
	rows    int64
	columns [digestColumns]xxh3.Hasher
}

const digestColumns = 5

// add goes on with the rows of a batch, of which hashes are those of its strings (see appendHashes).
func (d *digest) add(b *Batch, chars []int32, hashes []byte) {
	rows := b.Len()
	d.rows += int64(rows)
	d.write(0, arrow.Int32Traits.CastToBytes(b.File))
	d.write(1, arrow.Int64Traits.CastToBytes(b.Offset))
	d.write(2, arrow.Int32Traits.CastToBytes(chars))
	d.write(3, hashes[:stringHashBytes*rows])
	d.write(4, hashes[stringHashBytes*rows:])
}

// stringHashBytes is the length of the hash of a text or of metadata.
const stringHashBytes = 16

// appendHashes appends the xxh3-128 of each text of a batch and then that of each row's metadata. These bytes are hashed nowhere else: a
// running hash would copy them first.
func appendHashes(dst []byte, b *Batch) []byte {
	for _, s := range []*Strings{&b.Text, &b.Meta} {
		for i := range s.Len() {
			h := xxh3.Hash128(s.At(i)).Bytes()
			dst = append(dst, h[:]...)
		}
	}
	return dst
}

func (d *digest) write(column int, p []byte) {
	_, _ = d.columns[column].Write(p) // a hash never fails
}

// sum is the digest of everything added so far.
func (d *digest) sum() [16]byte {
	all := binary.LittleEndian.AppendUint64(nil, uint64(d.rows))
	for i := range d.columns {
		h := d.columns[i].Sum128().Bytes()
		all = append(all, h[:]...)
	}
	return xxh3.Hash128(all).Bytes()
}

func hexDigest(sum [16]byte) string { return hex.EncodeToString(sum[:]) }

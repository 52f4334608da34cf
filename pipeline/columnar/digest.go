package columnar

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/zeebo/xxh3"
)

// digest is a running hash of the document columns of a spill. Each column is hashed as one stream, text as the stream of
// lengths and the stream of bytes, so the result does not depend on how rows are cut into blocks.
type digest struct {
	rows    int64
	columns [digestColumns]xxh3.Hasher
	lengths []int32
}

const digestColumns = 7

func (d *digest) add(b *Batch, chars []int32) {
	d.rows += int64(b.Len())
	d.write(0, arrow.Int32Traits.CastToBytes(b.File))
	d.write(1, arrow.Int64Traits.CastToBytes(b.Offset))
	d.write(2, arrow.Int32Traits.CastToBytes(chars))
	d.addStrings(3, &b.Text)
	d.addStrings(5, &b.Meta)
}

func (d *digest) addStrings(column int, s *Strings) {
	d.lengths = d.lengths[:0]
	for i := range s.Len() {
		d.lengths = append(d.lengths, s.Offsets[i+1]-s.Offsets[i])
	}
	d.write(column, arrow.Int32Traits.CastToBytes(d.lengths))
	d.write(column+1, s.bytes())
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

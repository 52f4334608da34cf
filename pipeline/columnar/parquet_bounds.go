package columnar

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/apache/arrow/go/v17/parquet/metadata"
)

// bounds are the least and the greatest value of a column in one row group. They are copies: the Arrow library keeps
// references to the caller's memory instead, and writes what it finds there later.
type bounds struct {
	set      bool
	min, max []byte // encoded PLAIN; of strings the bytes
	ints     bool
	low, up  int64
	wide     bool // int64, not int32
}

// maxBoundBytes is the longest value that is written as a bound. Bounds are never shortened: readers take them for values.
const maxBoundBytes = 4096

func (b *bounds) addInt32(values []int32) {
	if len(values) > 0 {
		b.addInts(int64(slices.Min(values)), int64(slices.Max(values)), false)
	}
}

func (b *bounds) addInt64(values []int64) {
	if len(values) > 0 {
		b.addInts(slices.Min(values), slices.Max(values), true)
	}
}

func (b *bounds) addInts(low, up int64, wide bool) {
	if b.set {
		low, up = min(low, b.low), max(up, b.up)
	}
	b.set, b.ints, b.low, b.up, b.wide = true, true, low, up, wide
}

func (b *bounds) addBytes(v []byte) {
	if !b.set || bytes.Compare(v, b.min) < 0 {
		b.min = append(b.min[:0], v...)
	}
	if !b.set || bytes.Compare(v, b.max) > 0 {
		b.max = append(b.max[:0], v...)
	}
	b.set = true
}

// encode returns the statistics of the column chunk, and whether there are any.
func (b *bounds) encode() (s metadata.EncodedStatistics, ok bool) {
	if !b.set {
		return s, false
	}
	low, up := b.min, b.max
	if b.ints {
		low, up = encodeInt(b.low, b.wide), encodeInt(b.up, b.wide)
	}
	s.Signed = b.ints
	s.SetNullCount(0)
	if len(low) <= maxBoundBytes && len(up) <= maxBoundBytes {
		s.SetMin(low)
		s.SetMax(up)
	}
	return s, true
}

func encodeInt(v int64, wide bool) []byte {
	if wide {
		return binary.LittleEndian.AppendUint64(nil, uint64(v))
	}
	return binary.LittleEndian.AppendUint32(nil, uint32(v))
}

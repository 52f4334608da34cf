package columnar

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
)

// dictionary collects the distinct values of a column in one row group, in order of first appearance, and for each row
// the index of its value. It is written in Parquet's RLE / bit-packing hybrid encoding
// (parquet-format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid").
//
// It exists because the Arrow library writes a dictionary that grows too large in an order that changes from run to run.
type dictionary struct {
	on      bool
	index   map[string]int32
	values  []byte // in PLAIN encoding: length, bytes
	starts  []int32
	indices []int32
}

const (
	dictionaryBytes  = 256 << 10 // the largest dictionary
	dictionaryTrial  = 1024      // rows after which a dictionary must have paid so far
	dictionaryValues = 128 << 10 // indices in one page, at most
)

func newDictionary() *dictionary {
	return &dictionary{on: true, index: map[string]int32{}}
}

func (d *dictionary) reset() {
	d.on = true
	clear(d.index)
	d.values, d.starts, d.indices = d.values[:0], d.starts[:0], d.indices[:0]
}

// add adds a row. fresh says that its value is new, ok that the dictionary can still take more.
func (d *dictionary) add(v []byte) (fresh, ok bool) {
	if n := len(d.indices); n > 0 && bytes.Equal(d.value(d.indices[n-1]), v) { // values come in runs
		d.indices = append(d.indices, d.indices[n-1])
		return false, true
	}
	i, found := d.index[string(v)]
	if !found {
		i = int32(len(d.starts))
		d.index[string(v)] = i
		d.starts = append(d.starts, int32(len(d.values)))
		d.values = binary.LittleEndian.AppendUint32(d.values, uint32(len(v)))
		d.values = append(d.values, v...)
	}
	d.indices = append(d.indices, i)
	return !found, len(d.values) <= dictionaryBytes && (len(d.indices) != dictionaryTrial || d.pays())
}

// pays says whether there are few distinct values.
func (d *dictionary) pays() bool { return 2*len(d.starts) <= len(d.indices) }

func (d *dictionary) value(i int32) []byte {
	start := d.starts[i]
	n := int32(binary.LittleEndian.Uint32(d.values[start:]))
	return d.values[start+4 : start+4+n]
}

// plain returns a copy of the dictionary page.
func (d *dictionary) plain() (page []byte, entries int) { return slices.Clone(d.values), len(d.starts) }

// pages emits the data pages.
func (d *dictionary) pages(emit func(raw *[]byte, values int)) {
	width := max(bits.Len(uint(len(d.starts)-1)), 1) // not every reader takes a width of 0
	for part := range slices.Chunk(d.indices, dictionaryValues) {
		raw := pageBuffers.get()
		*raw = appendHybrid(append(*raw, byte(width)), part, width)
		emit(raw, len(part))
	}
}

// appendHybrid encodes indices of width bits: runs of 8 and more as a run, what lies between in packed groups of 8.
func appendHybrid(b []byte, indices []int32, width int) []byte {
	packed := 0 // start of what is not yet encoded
	for i := 0; i < len(indices); {
		end := i + 1
		for end < len(indices) && indices[end] == indices[i] {
			end++
		}
		// A packed group has 8 values, so a run gives its first values to the group that is open.
		from := i
		if open := (i - packed) % 8; open > 0 {
			from = min(i+8-open, end)
		}
		if end-from >= 8 {
			b = appendPacked(b, indices[packed:from], width)
			b = binary.AppendUvarint(b, uint64(end-from)<<1)
			for shift := 0; shift < width; shift += 8 {
				b = append(b, byte(indices[i]>>shift))
			}
			packed = end
		}
		i = end
	}
	return appendPacked(b, indices[packed:], width)
}

// appendPacked encodes values of width bits in groups of 8; the last group is filled up with zeros.
func appendPacked(b []byte, values []int32, width int) []byte {
	if len(values) == 0 {
		return b
	}
	groups := (len(values) + 7) / 8
	b = binary.AppendUvarint(b, uint64(groups)<<1|1)
	var word uint64
	filled := 0
	for i := range groups * 8 {
		if i < len(values) {
			word |= uint64(values[i]) << filled
		}
		for filled += width; filled >= 8; filled -= 8 {
			b = append(b, byte(word))
			word >>= 8
		}
	}
	return b
}

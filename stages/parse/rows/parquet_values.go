package rows

import (
	"encoding/binary"
	"fmt"

	"github.com/parquet-go/parquet-go/format"
)

// oldDictionary is what files of version 1 say for a dictionary page and for indices into it (PLAIN_DICTIONARY).
const oldDictionary format.Encoding = 2

// physical is how a Parquet column stores a value.
type physical struct {
	kind  format.Type
	width int // in bytes; 0: each has its own length
}

// pageValues decodes the values of one page, nulls left out, one after the other. They are valid until the page's bytes
// are overwritten; those of DELTA_BYTE_ARRAY and BYTE_STREAM_SPLIT until the next.
type pageValues struct {
	physical
	encoding format.Encoding
	data     []byte // not yet read; for BYTE_STREAM_SPLIT all
	at       int    // bit of PLAIN booleans, value of BYTE_STREAM_SPLIT
	indices  hybrid
	numbers  delta // or lengths of suffixes
	prefixes delta
	last     []byte
	dict     *pageDictionary
}

func (v *pageValues) reset(encoding format.Encoding, data []byte, dict *pageDictionary) (err error) {
	v.encoding, v.data, v.at, v.dict = encoding, data, 0, dict
	bytes := v.kind == format.ByteArray || v.kind == format.FixedLenByteArray
	switch {
	case encoding == format.Plain:
	case encoding == oldDictionary || encoding == format.RLEDictionary:
		v.encoding = format.RLEDictionary
		if dict == nil {
			return fmt.Errorf("a page of the dictionary, which is missing")
		}
		if len(data) == 0 { // nothing but nulls
			data = []byte{0}
		}
		if data[0] > 32 {
			return fmt.Errorf("indices of %d bits", data[0])
		}
		v.indices = newHybrid(data[1:], int(data[0]))
	case encoding == format.RLE && v.kind == format.Boolean:
		if len(data) >= 4 {
			n := binary.LittleEndian.Uint32(data)
			data = data[4:]
			data = data[:min(uint64(n), uint64(len(data)))]
		}
		v.indices = newHybrid(data, 1)
	case encoding == format.DeltaBinaryPacked && (v.kind == format.Int32 || v.kind == format.Int64):
		if len(data) > 0 {
			v.numbers, err = newDelta(data)
		}
	case encoding == format.DeltaLengthByteArray && v.kind == format.ByteArray:
		if len(data) > 0 {
			v.numbers, v.data, err = deltaAndRest(data)
		}
	case encoding == format.DeltaByteArray && bytes:
		if v.last = v.last[:0]; len(data) > 0 {
			if v.prefixes, v.data, err = deltaAndRest(data); err == nil {
				v.numbers, v.data, err = deltaAndRest(v.data)
			}
		}
	case encoding == format.ByteStreamSplit && v.width > 0:
	default:
		return fmt.Errorf("values of %s in the encoding %s are %w", v.kind, encoding, ErrUnsupported)
	}
	return err
}

func deltaAndRest(data []byte) (d delta, rest []byte, err error) {
	if d, err = newDelta(data); err != nil {
		return d, nil, err
	}
	rest, err = d.skip()
	return d, rest, err
}

// next returns a value: in n where it has at most 8 bytes and is no string, else in b.
func (v *pageValues) next() (n uint64, b []byte, err error) {
	switch v.encoding {
	case format.RLEDictionary:
		index, err := v.indices.next()
		if err != nil {
			return 0, nil, err
		}
		return v.dict.value(index)
	case format.RLE:
		bit, err := v.indices.next()
		return uint64(bit), nil, err
	case format.DeltaBinaryPacked:
		number, err := v.numbers.next()
		if v.kind == format.Int32 {
			number = int64(int32(number))
		}
		return uint64(number), nil, err
	case format.DeltaLengthByteArray:
		length, err := v.numbers.next()
		if err != nil {
			return 0, nil, err
		}
		b, err = v.cut(uint64(length))
		return 0, b, err
	case format.DeltaByteArray:
		return v.nextSuffix()
	case format.ByteStreamSplit:
		count := len(v.data) / v.width
		if v.at >= count {
			return 0, nil, errCut
		}
		v.last = sized(v.last, v.width)
		for i := range v.last {
			v.last[i] = v.data[i*count+v.at]
		}
		v.at++
		n, b = v.fixed(v.last)
		return n, b, nil
	}
	switch v.kind {
	case format.Boolean:
		if v.at/8 >= len(v.data) {
			return 0, nil, errCut
		}
		n = uint64(v.data[v.at/8] >> (v.at % 8) & 1)
		v.at++
		return n, nil, nil
	case format.ByteArray:
		length, err := v.cut(4)
		if err != nil {
			return 0, nil, err
		}
		b, err = v.cut(uint64(binary.LittleEndian.Uint32(length)))
		return 0, b, err
	}
	if b, err = v.cut(uint64(v.width)); err != nil {
		return 0, nil, err
	}
	n, b = v.fixed(b)
	return n, b, nil
}

func (v *pageValues) nextSuffix() (uint64, []byte, error) {
	prefix, err := v.prefixes.next()
	if err != nil {
		return 0, nil, err
	}
	length, err := v.numbers.next()
	if err != nil {
		return 0, nil, err
	}
	if prefix < 0 || prefix > int64(len(v.last)) {
		return 0, nil, fmt.Errorf("%d bytes of a value of %d", prefix, len(v.last))
	}
	suffix, err := v.cut(uint64(length))
	if err != nil {
		return 0, nil, err
	}
	v.last = append(v.last[:prefix], suffix...) // no longer than all suffixes of the page
	if v.kind == format.FixedLenByteArray && len(v.last) != v.width {
		return 0, nil, fmt.Errorf("a value of %d bytes, not %d", len(v.last), v.width)
	}
	return 0, v.last, nil
}

// cut takes bytes off the data.
func (v *pageValues) cut(n uint64) ([]byte, error) {
	if n > uint64(len(v.data)) {
		return nil, errCut
	}
	b := v.data[:n]
	v.data = v.data[n:]
	return b, nil
}

// fixed reads a value of width bytes.
func (p physical) fixed(b []byte) (uint64, []byte) {
	switch p.kind {
	case format.Int32:
		return uint64(int64(int32(binary.LittleEndian.Uint32(b)))), nil
	case format.Float:
		return uint64(binary.LittleEndian.Uint32(b)), nil
	case format.Int64, format.Double:
		return binary.LittleEndian.Uint64(b), nil
	default:
		return 0, b
	}
}

// pageDictionary is the dictionary of a column chunk.
type pageDictionary struct {
	physical
	data    []byte
	offsets []uint32 // of strings in data, their lengths included
	count   uint32
}

func (d *pageDictionary) reset(data []byte, count int32) error {
	d.data, d.offsets, d.count = data, d.offsets[:0], uint32(count)
	switch {
	case count < 0 || d.kind == format.Boolean:
		return fmt.Errorf("a dictionary of %d values of %s", count, d.kind)
	case d.width > 0:
		if int64(count)*int64(d.width) > int64(len(data)) {
			return fmt.Errorf("a dictionary of %d values in %d bytes", count, len(data))
		}
		return nil
	case int64(count)*4 > int64(len(data)):
		return fmt.Errorf("a dictionary of %d values in %d bytes", count, len(data))
	}
	at := uint64(0)
	for range count {
		if at+4 > uint64(len(data)) {
			return errCut
		}
		d.offsets = append(d.offsets, uint32(at))
		at += 4 + uint64(binary.LittleEndian.Uint32(data[at:]))
		if at > uint64(len(data)) {
			return errCut
		}
	}
	return nil
}

func (d *pageDictionary) value(i uint32) (uint64, []byte, error) {
	if i >= d.count {
		return 0, nil, fmt.Errorf("value %d of a dictionary of %d", i, d.count)
	}
	if d.width > 0 {
		n, b := d.fixed(d.data[int(i)*d.width:][:d.width])
		return n, b, nil
	}
	at := d.offsets[i]
	return 0, d.data[at+4:][:binary.LittleEndian.Uint32(d.data[at:])], nil
}

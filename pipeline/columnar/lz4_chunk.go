package columnar

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// lz4Chunk reads a column chunk of LZ4_RAW as this package writes it: of a required column, in pages V1 of PLAIN values or of indices into
// a dictionary of strings. The library that reads the other codecs takes a wrong buffer for such pages. One page is in memory, of the size that
// was checked before.
type lz4Chunk struct {
	r       io.ReaderAt
	at, end int64 // of the pages that are left
	kind    parquet.Kind
	stored  []byte
	raw     []byte // what is left of the page
	page    []byte // the memory of raw
	values  int64  // of the page, that are left
	dict    *Strings
	indices *hybridReader // nil: raw has plain values
}

func newLZ4Chunk(r io.ReaderAt, column *parquet.Column, meta *format.ColumnMetaData) (*lz4Chunk, error) {
	if !column.Required() {
		return nil, errors.New("compression LZ4_RAW is not supported where there may be nulls")
	}
	at := meta.DataPageOffset
	if d := meta.DictionaryPageOffset; d != 0 {
		at = d
	}
	switch column.Type().Kind() {
	case parquet.ByteArray, parquet.Int32, parquet.Int64:
	default:
		return nil, fmt.Errorf("compression LZ4_RAW is not supported for the type %s", column.Type().Kind())
	}
	return &lz4Chunk{r: r, at: at, end: at + meta.TotalCompressedSize, kind: column.Type().Kind()}, nil
}

// next appends the next value to the column of a cursor and returns how many bytes of strings that took.
func (z *lz4Chunk) next(c *columnCursor) (int, error) {
	for z.values == 0 {
		if err := z.load(); err != nil {
			return 0, err
		}
	}
	z.values--
	if z.indices != nil {
		i, err := z.indices.next()
		if err != nil {
			return 0, err
		}
		if int64(i) >= int64(z.dict.Len()) {
			return 0, fmt.Errorf("value %d of a dictionary of %d", i, z.dict.Len())
		}
		v := z.dict.At(int(i))
		c.strings.Append(v)
		return len(v), nil
	}
	switch z.kind {
	case parquet.Int32:
		if len(z.raw) < 4 {
			return 0, io.ErrUnexpectedEOF
		}
		c.ints = append(c.ints, int64(int32(binary.LittleEndian.Uint32(z.raw))))
		z.raw = z.raw[4:]
		return 0, nil
	case parquet.Int64:
		if len(z.raw) < 8 {
			return 0, io.ErrUnexpectedEOF
		}
		c.ints = append(c.ints, int64(binary.LittleEndian.Uint64(z.raw)))
		z.raw = z.raw[8:]
		return 0, nil
	}
	v, rest, err := plainString(z.raw)
	if err != nil {
		return 0, err
	}
	z.raw = rest
	c.strings.Append(v)
	return len(v), nil
}

// load reads pages up to the next one of data.
func (z *lz4Chunk) load() error {
	if z.at >= z.end {
		return io.ErrUnexpectedEOF // a row is still owed
	}
	header, n, err := readPageHeader(z.r, z.at, z.end)
	if err != nil {
		return err
	}
	z.at += int64(n)
	size := int64(header.CompressedPageSize)
	if size < 0 || size > z.end-z.at {
		return fmt.Errorf("a page of %d bytes where %d are left", size, z.end-z.at)
	}
	z.stored = resize(z.stored, int(size))
	if err := readAt(z.r, z.stored, z.at); err != nil {
		return err
	}
	z.at += size
	if z.page, err = decodePage(z.page[:0], z.stored, format.Lz4Raw, int(header.UncompressedPageSize)); err != nil {
		return err
	}
	z.raw = z.page
	switch {
	case header.Type == format.DictionaryPage && header.DictionaryPageHeader.Valid && z.dict == nil && z.kind == parquet.ByteArray:
		z.dict = new(Strings)
		for range header.DictionaryPageHeader.V.NumValues {
			v, rest, err := plainString(z.raw)
			if err != nil {
				return err
			}
			z.dict.Append(v)
			z.raw = rest
		}
		return nil
	case header.Type == format.DataPage && header.DataPageHeader.Valid:
		z.values = int64(header.DataPageHeader.V.NumValues)
		return z.begin(header.DataPageHeader.V.Encoding)
	}
	return fmt.Errorf("a page of type %s in LZ4_RAW is not supported", header.Type)
}

// begin prepares to read the values of a page.
func (z *lz4Chunk) begin(encoding format.Encoding) error {
	z.indices = nil
	switch {
	case encoding == format.Plain:
		return nil
	case encoding == format.RLEDictionary && z.dict != nil && len(z.raw) > 0 && z.raw[0] <= 32:
		z.indices = &hybridReader{data: z.raw[1:], width: uint(z.raw[0])}
		return nil
	}
	return fmt.Errorf("the encoding %s in LZ4_RAW is not supported", encoding)
}

// plainString splits a PLAIN value off.
func plainString(raw []byte) (v, rest []byte, err error) {
	if len(raw) < 4 {
		return nil, nil, io.ErrUnexpectedEOF
	}
	n := int64(binary.LittleEndian.Uint32(raw))
	if n > int64(len(raw)-4) {
		return nil, nil, fmt.Errorf("a value of %d bytes where %d are left", n, len(raw)-4)
	}
	return raw[4 : 4+n], raw[4+n:], nil
}

// hybridReader reads what appendHybrid writes: runs, and packed groups of eight.
type hybridReader struct {
	data   []byte
	width  uint
	run    uint64 // values that are left of a run
	value  uint32 // of it
	packed uint64 // values that are left of packed groups
	bits   uint64 // read and not used, the lowest first
	n      uint   // of them
}

func (h *hybridReader) next() (uint32, error) {
	for h.run == 0 && h.packed == 0 {
		head, n := binary.Uvarint(h.data)
		if n <= 0 {
			return 0, io.ErrUnexpectedEOF
		}
		h.data = h.data[n:]
		h.bits, h.n = 0, 0
		if head&1 == 1 {
			h.packed = head >> 1 * 8
			continue
		}
		h.run, h.value = head>>1, 0
		for shift := uint(0); shift < h.width; shift += 8 {
			if len(h.data) == 0 {
				return 0, io.ErrUnexpectedEOF
			}
			h.value |= uint32(h.data[0]) << shift
			h.data = h.data[1:]
		}
	}
	if h.run > 0 {
		h.run--
		return h.value, nil
	}
	h.packed--
	for h.n < h.width {
		if len(h.data) == 0 {
			return 0, io.ErrUnexpectedEOF
		}
		h.bits |= uint64(h.data[0]) << h.n
		h.n += 8
		h.data = h.data[1:]
	}
	v := uint32(h.bits & (1<<h.width - 1))
	h.bits >>= h.width
	h.n -= h.width
	return v, nil
}

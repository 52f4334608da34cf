package columnar

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go/format"
)

// RowReader reads single values of a column of strings in a Parquet file as this package writes it: required, of one of its
// codecs, PLAIN pages. Only the headers of pages and those pages are read that hold a row which is asked for, and a page is kept until
// another one is needed: rows cost least in ascending order. A page is decoded as far as that row, so that its checksum, if it has one,
// is seen only if it is the last: who must be sure that a value is that of the row compares it with a hash. It uses no goroutines and is
// not safe for concurrent use.
type RowReader struct {
	r      io.ReaderAt
	size   int64
	footer Footer
	name   string
	column int
	firsts []int64 // numbers of the row groups' first rows, and of the row behind the last

	group int         // whose pages are known so far; -1: none
	pages []pagePlace // of the group, in order
	rows  int64       // in these
	next  int64       // offset behind the last one
	end   int64       // offset behind the column chunk
	codec format.CompressionCodec

	page   int // number of the one in memory; -1: none
	prefix pagePrefix
	at     int   // offset of a value in the page
	row    int64 // its number in the group
}

// pagePlace is where the data page with some rows of a row group lies.
type pagePlace struct {
	first, rows int64
	offset      int64 // of what is behind the header
	stored, raw int64 // bytes
}

// OpenRows prepares to read values of a top-level column of a Parquet file. A file that this package has not written is an error where
// it has the column in another shape. Damaged input is an error, never a panic.
func OpenRows(r io.ReaderAt, size int64, column string) (*RowReader, error) {
	t := new(RowReader)
	return t, t.Reset(r, size, column)
}

// Reset does as OpenRows, with the memory that there is, but that of a page of one huge value.
func (t *RowReader) Reset(r io.ReaderAt, size int64, column string) error {
	t.prefix.close()
	var kept pagePrefix
	if cap(t.prefix.values) <= prefixBytes {
		kept.stored, kept.values = t.prefix.stored, t.prefix.values[:0]
	}
	*t = RowReader{r: r, size: size, name: column, group: -1, page: -1, firsts: t.firsts[:0], pages: t.pages[:0], prefix: kept}
	return protect("open the table", t.open)
}

func (t *RowReader) open() (err error) {
	if t.footer, err = readFooter(t.r, t.size); err != nil {
		return err
	}
	t.column = slices.Index(t.footer.Columns, t.name)
	schema := t.footer.meta.Schema
	switch {
	case t.column < 0:
		return fmt.Errorf("no column %q", t.name)
	case len(schema) != len(t.footer.Columns)+1:
		return errors.New("the schema is not flat")
	}
	if e := &schema[t.column+1]; e.Type.V != format.ByteArray || !e.RepetitionType.Valid || e.RepetitionType.V != format.Required {
		return fmt.Errorf("column %s is not a required string", t.name)
	}
	first := int64(0)
	for i := range t.footer.meta.RowGroups {
		t.firsts = append(t.firsts, first)
		first += t.footer.meta.RowGroups[i].NumRows
	}
	t.firsts = append(t.firsts, first)
	return nil
}

// Rows is the number of rows of the file.
func (t *RowReader) Rows() int64 { return t.footer.Rows }

// At returns the value of a row. It is valid until the next call.
func (t *RowReader) At(row int64) (value []byte, err error) {
	err = protect("decode", func() (err error) {
		value, err = t.find(row)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("row %d of column %s: %w", row, t.name, err)
	}
	return value, nil
}

func (t *RowReader) find(row int64) ([]byte, error) {
	if row < 0 || row >= t.footer.Rows {
		return nil, fmt.Errorf("there are %d rows", t.footer.Rows)
	}
	// Row groups without rows share their first one with the next that has some.
	behind, _ := slices.BinarySearch(t.firsts, row+1)
	if group := behind - 1; group != t.group {
		if err := t.openGroup(group); err != nil {
			return nil, err
		}
	}
	row -= t.firsts[t.group]
	for row >= t.rows {
		if err := t.addPage(); err != nil {
			return nil, err
		}
	}
	page, found := slices.BinarySearchFunc(t.pages, row, func(p pagePlace, row int64) int { return int(min(max(p.first-row, -1), 1)) })
	if !found {
		page--
	}
	if page != t.page {
		if err := t.load(page); err != nil {
			return nil, err
		}
	}
	return t.value(row)
}

// openGroup begins with the pages of a row group.
func (t *RowReader) openGroup(group int) error {
	t.group, t.page = -1, -1
	columns := t.footer.meta.RowGroups[group].Columns
	if t.column >= len(columns) {
		return errors.New("the column is missing")
	}
	meta := &columns[t.column].MetaData
	rows := t.firsts[group+1] - t.firsts[group]
	at, length := meta.DataPageOffset, meta.TotalCompressedSize
	switch {
	case meta.NumValues != rows:
		return fmt.Errorf("%d values for %d rows", meta.NumValues, rows)
	case meta.DictionaryPageOffset != 0:
		return errors.New("the column has a dictionary")
	case at < 0 || length < 0 || at > t.size || length > t.size-at:
		return fmt.Errorf("%d bytes at %d in a file of %d", length, at, t.size)
	}
	t.pages, t.rows, t.next, t.end = t.pages[:0], 0, at, at+length
	t.codec = meta.Codec
	t.group = group
	return nil
}

// addPage finds the next page of the group.
func (t *RowReader) addPage() error {
	if t.next >= t.end {
		return fmt.Errorf("the pages have %d rows", t.rows)
	}
	header, n, err := readPageHeader(t.r, t.next, t.end)
	if err != nil {
		return err
	}
	p := pagePlace{first: t.rows, offset: t.next + int64(n), stored: int64(header.CompressedPageSize), raw: int64(header.UncompressedPageSize)}
	if header.Type != format.DataPage || !header.DataPageHeader.Valid || header.DataPageHeader.V.Encoding != format.Plain {
		return fmt.Errorf("the page at %d is not one of plain values", t.next)
	}
	p.rows = int64(header.DataPageHeader.V.NumValues)
	if p.rows < 0 || p.rows > t.firsts[t.group+1]-t.firsts[t.group]-t.rows || p.raw < 0 || p.raw > maxPageBytes || p.stored < 0 || p.stored > t.end-p.offset {
		return fmt.Errorf("the page at %d claims %d rows in %d bytes, %d compressed", t.next, p.rows, p.raw, p.stored)
	}
	t.next = p.offset + p.stored
	if p.rows > 0 {
		t.pages, t.rows = append(t.pages, p), t.rows+p.rows
	}
	return nil
}

// load reads a page.
func (t *RowReader) load(page int) error {
	t.page = -1
	p := &t.pages[page]
	t.prefix.stored = resize(t.prefix.stored, int(p.stored))
	if err := readAt(t.r, t.prefix.stored, p.offset); err != nil {
		return err
	}
	if err := t.prefix.open(t.codec, int(p.raw)); err != nil {
		return fmt.Errorf("the page at %d: %w", p.offset, err)
	}
	t.page, t.at, t.row = page, 0, p.first
	return nil
}

// value returns the value of a row of the page in memory.
func (t *RowReader) value(row int64) ([]byte, error) {
	if row < t.row {
		t.at, t.row = 0, t.pages[t.page].first
	}
	for {
		if err := t.need(t.at + 4); err != nil {
			return nil, err
		}
		rest := t.prefix.raw - t.at
		if rest < 4 {
			return nil, errors.New("its page ends before it")
		}
		n := int64(binary.LittleEndian.Uint32(t.prefix.values[t.at:]))
		if n > int64(rest-4) {
			return nil, fmt.Errorf("its page has a value of %d bytes where %d are left", n, rest-4)
		}
		end := t.at + 4 + int(n)
		if t.row == row {
			if err := t.need(end); err != nil {
				return nil, err
			}
			return t.prefix.values[t.at+4 : end], nil
		}
		t.at = end
		t.row++
	}
}

// need decodes the page in memory up to an offset, or to its end.
func (t *RowReader) need(end int) error {
	if err := t.prefix.need(end); err != nil {
		page := t.page
		t.page = -1
		return fmt.Errorf("the page at %d: %w", t.pages[page].offset, err)
	}
	return nil
}

package columnar

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"
)

const (
	readRows  = 4096    // rows given to yield at once, at most
	readBytes = 8 << 20 // of strings, about
)

// ReadTable reads a Parquet file, ours or foreign, with limits, in chunks of rows: yield gets the columns asked for by
// name, each as *Strings, []int32 or []int64, valid until it returns. Columns are top-level and not lists; a null is the
// zero value. Damaged input is an error, never a panic, and decoding stays on the caller's goroutine. An error of yield
// ends the reading and is returned as it is.
func ReadTable(r io.ReaderAt, size int64, columns []string, yield func(columns []any) error) error {
	return ReadGroups(r, size, columns, nil, func(_ int64, columns []any) error { return yield(columns) })
}

// ReadGroups is ReadTable for the row groups that want chooses, or all for nil. yield gets the number of its first row in
// the file as well.
func ReadGroups(r io.ReaderAt, size int64, columns []string, want func(*RowGroup) bool,
	yield func(row int64, columns []any) error,
) error {
	if len(columns) == 0 {
		return errors.New("no columns to read")
	}
	t := tableReader{names: columns, r: r, size: size}
	if err := protect("open the table", t.open); err != nil {
		return err
	}
	defer t.close()
	row := int64(0)
	for g := range t.footer.meta.RowGroups {
		meta := &t.footer.meta.RowGroups[g]
		if want != nil && !want(&RowGroup{First: row, Rows: meta.NumRows, meta: meta}) {
			row += meta.NumRows
			continue
		}
		if err := protect("open a row group", func() error { return t.openGroup(g) }); err != nil {
			return fmt.Errorf("row group %d: %w", g, err)
		}
		for t.left > 0 {
			before := t.left
			if err := protect("decode", t.fill); err != nil {
				return fmt.Errorf("row group %d: %w", g, err)
			}
			if err := yield(row, t.values()); err != nil {
				return err
			}
			row += before - t.left
		}
	}
	return nil
}

// tableReader reads several columns in step.
type tableReader struct {
	r       io.ReaderAt
	size    int64
	names   []string
	footer  Footer
	file    *parquet.File
	cursors []*columnCursor
	left    int64 // rows of the row group
}

func (t *tableReader) open() (err error) {
	if t.footer, err = readFooter(t.r, t.size); err != nil {
		return err
	}
	t.file, err = parquet.OpenFile(t.r, t.size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true),
		parquet.FileReadMode(parquet.ReadModeSync))
	if err != nil {
		return err
	}
	for _, name := range t.names {
		column := t.file.Root().Column(name)
		if column == nil {
			return fmt.Errorf("no column %q: there are %s", name, strings.Join(t.footer.Columns, ", "))
		}
		if !column.Leaf() || column.Repeated() {
			return fmt.Errorf("column %s is a list or a structure", name)
		}
		c := &columnCursor{column: column}
		switch kind := column.Type().Kind(); kind {
		case parquet.ByteArray, parquet.FixedLenByteArray:
			c.strings = new(Strings)
		case parquet.Int32:
			c.int32s = make([]int32, 0, readRows)
		case parquet.Int64:
			c.int64s = make([]int64, 0, readRows)
		default:
			return fmt.Errorf("column %s has the type %s, which is not supported", name, kind)
		}
		t.cursors = append(t.cursors, c)
	}
	return nil
}

func (t *tableReader) openGroup(g int) error {
	t.left = t.footer.meta.RowGroups[g].NumRows
	group, meta := t.file.RowGroups()[g], t.footer.meta.RowGroups[g].Columns
	for i, c := range t.cursors {
		index := c.column.Index()
		if index >= len(meta) {
			return fmt.Errorf("column %s is missing", t.names[i])
		}
		if n := meta[index].MetaData.NumValues; n != t.left {
			return fmt.Errorf("column %s has %d values for %d rows", t.names[i], n, t.left)
		}
		if err := checkChunk(t.r, t.size, &meta[index].MetaData); err != nil {
			return fmt.Errorf("column %s: %w", t.names[i], err)
		}
		if err := c.open(group.ColumnChunks()[index]); err != nil {
			return fmt.Errorf("column %s: %w", t.names[i], err)
		}
	}
	return nil
}

// fill reads the next rows of all columns.
func (t *tableReader) fill() error {
	for _, c := range t.cursors {
		c.reset()
	}
	used := 0
	for row := 0; row < readRows && used < readBytes && t.left > 0; row++ {
		for i, c := range t.cursors {
			n, err := c.next()
			if err != nil {
				return fmt.Errorf("column %s: %w", t.names[i], err)
			}
			used += n
		}
		t.left--
	}
	return nil
}

func (t *tableReader) values() []any {
	all := make([]any, len(t.cursors))
	for i, c := range t.cursors {
		switch {
		case c.strings != nil:
			all[i] = c.strings
		case c.int32s != nil:
			all[i] = c.int32s
		default:
			all[i] = c.int64s
		}
	}
	return all
}

func (t *tableReader) close() {
	for _, c := range t.cursors {
		_ = protect("close a column", c.close) // everything was read, or there is an error already
	}
}

// columnCursor reads one column. Exactly one of strings, int32s and int64s is set.
type columnCursor struct {
	column  *parquet.Column
	strings *Strings
	int32s  []int32
	int64s  []int64

	pages  parquet.Pages
	page   parquet.Page
	values parquet.ValueReader
	buf    [256]parquet.Value
	ready  []parquet.Value // part of buf
}

func (c *columnCursor) open(chunk parquet.ColumnChunk) error {
	if err := c.close(); err != nil {
		return err
	}
	c.pages = chunk.Pages()
	return nil
}

func (c *columnCursor) reset() {
	if c.strings != nil {
		c.strings.Reset()
	}
	c.int32s, c.int64s = c.int32s[:0], c.int64s[:0]
}

// next appends the next value and returns how many bytes of strings that took.
func (c *columnCursor) next() (int, error) {
	for len(c.ready) == 0 {
		if err := c.load(); err != nil {
			return 0, err
		}
	}
	v := &c.ready[0]
	c.ready = c.ready[1:]
	null := v.IsNull()
	switch {
	case c.strings != nil:
		if null {
			c.strings.Seal()
			return 0, nil
		}
		b := v.ByteArray()
		c.strings.Append(b)
		return len(b), nil
	case c.int32s != nil:
		n := int32(0)
		if !null {
			n = v.Int32()
		}
		c.int32s = append(c.int32s, n)
	default:
		n := int64(0)
		if !null {
			n = v.Int64()
		}
		c.int64s = append(c.int64s, n)
	}
	return 0, nil
}

// load reads some values, of the next page if need be.
func (c *columnCursor) load() error {
	if c.values == nil {
		parquet.Release(c.page) // nothing refers to it: every value was copied
		c.page = nil
		page, err := c.pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF // a row is still owed
		}
		if err != nil {
			return err
		}
		c.page, c.values = page, page.Values()
	}
	n, err := c.values.ReadValues(c.buf[:])
	c.ready = c.buf[:n]
	if n == 0 || errors.Is(err, io.EOF) {
		c.values = nil // the page itself is kept until the values are used up
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return err
}

func (c *columnCursor) close() error {
	c.values, c.page, c.ready = nil, nil, nil
	if c.pages == nil {
		return nil
	}
	pages := c.pages
	c.pages = nil
	return pages.Close()
}

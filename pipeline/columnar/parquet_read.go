package columnar

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

const (
	readRows  = 4096    // rows given to yield at once, at most
	readBytes = 8 << 20 // of strings, about
)

// ReadTable reads a Parquet file, ours or foreign, with limits, in chunks of rows: yield gets the selected columns of the row
// groups that want chooses, or of all for nil. Columns are top-level and not lists; a null is the zero value. A column that the
// file lacks and the selection has no value for, or that is of the other kind, is an error that names it. Damaged input is an
// error, never a panic, and decoding stays on the caller's goroutine. An error of yield ends the reading and is returned as it
// is.
func ReadTable(r io.ReaderAt, size int64, columns Selection, want func(*RowGroup) bool, yield func(*Frame) error) error {
	t := tableReader{r: r, size: size}
	if err := protect("open the table", func() error { return t.open(&columns) }); err != nil {
		return err
	}
	defer t.close()
	var frame Frame
	for g := range t.footer.meta.RowGroups {
		meta := &t.footer.meta.RowGroups[g]
		if want != nil && !want(&RowGroup{First: frame.first, Rows: meta.NumRows, meta: meta}) {
			frame.first += meta.NumRows
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
			frame.rows = int(before - t.left)
			t.put(&frame)
			if err := yield(&frame); err != nil {
				return err
			}
			frame.first += int64(frame.rows)
		}
	}
	return nil
}

// tableReader reads several columns in step.
type tableReader struct {
	r       io.ReaderAt
	size    int64
	footer  Footer
	file    *parquet.File
	cursors []*columnCursor // of the columns that the file has
	fixed   []*columnCursor // of those that it lacks, and has a value for all rows instead
	left    int64           // rows of the row group
}

func (t *tableReader) open(columns *Selection) (err error) {
	if t.footer, err = readFooter(t.r, t.size); err != nil {
		return err
	}
	t.file, err = parquet.OpenFile(t.r, t.size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true),
		parquet.FileReadMode(parquet.ReadModeSync))
	if err != nil {
		return err
	}
	for _, c := range columns.cursors() {
		if err := t.add(c); err != nil {
			return err
		}
	}
	if len(t.cursors)+len(t.fixed) == 0 {
		return errors.New("no columns to read")
	}
	return nil
}

// cursors are those of the selected columns, which are not looked for yet.
func (s *Selection) cursors() (list []*columnCursor) {
	for _, name := range s.Text {
		list = append(list, &columnCursor{name: name, strings: new(Strings)})
	}
	for _, name := range s.Int {
		list = append(list, &columnCursor{name: name})
	}
	for name, value := range s.TextOr {
		list = append(list, &columnCursor{name: name, strings: new(Strings), text: []byte(value), mayLack: true})
	}
	for name, value := range s.IntOr {
		list = append(list, &columnCursor{name: name, number: value, mayLack: true})
	}
	return list
}

// add finds the column of a cursor in the file.
func (t *tableReader) add(c *columnCursor) error {
	c.column = t.file.Root().Column(c.name)
	switch {
	case c.column == nil && c.mayLack:
		t.fixed = append(t.fixed, c)
		return nil
	case c.column == nil:
		return fmt.Errorf("no column %q: there are %s", c.name, strings.Join(t.footer.Columns, ", "))
	case !c.column.Leaf() || c.column.Repeated():
		return fmt.Errorf("column %s is a list or a structure", c.name)
	}
	isText := false
	switch c.kind = c.column.Type().Kind(); c.kind {
	case parquet.ByteArray, parquet.FixedLenByteArray:
		isText = true
	case parquet.Int32, parquet.Int64:
	default:
		return fmt.Errorf("column %s has the type %s, which is not supported", c.name, c.kind)
	}
	if isText != (c.strings != nil) {
		return fmt.Errorf("column %s has the type %s, which is not what it is read as", c.name, c.kind)
	}
	t.cursors = append(t.cursors, c)
	return nil
}

func (t *tableReader) openGroup(g int) error {
	t.left = t.footer.meta.RowGroups[g].NumRows
	group, meta := t.file.RowGroups()[g], t.footer.meta.RowGroups[g].Columns
	for _, c := range t.cursors {
		index := c.column.Index()
		if index >= len(meta) {
			return fmt.Errorf("column %s is missing", c.name)
		}
		if n := meta[index].MetaData.NumValues; n != t.left {
			return fmt.Errorf("column %s has %d values for %d rows", c.name, n, t.left)
		}
		if err := checkChunk(t.r, t.size, &meta[index].MetaData); err != nil {
			return fmt.Errorf("column %s: %w", c.name, err)
		}
		if meta[index].MetaData.Codec == format.Lz4Raw {
			if err := c.openLZ4(t.r, &meta[index].MetaData); err != nil {
				return fmt.Errorf("column %s: %w", c.name, err)
			}
			continue
		}
		if err := c.open(group.ColumnChunks()[index]); err != nil {
			return fmt.Errorf("column %s: %w", c.name, err)
		}
	}
	return nil
}

// fill reads the next rows of all columns.
func (t *tableReader) fill() error {
	for _, c := range t.cursors {
		c.reset()
	}
	used, rows := 0, 0
	for ; rows < readRows && used < readBytes && t.left > 0; rows++ {
		for _, c := range t.cursors {
			n, err := c.next()
			if err != nil {
				return fmt.Errorf("column %s: %w", c.name, err)
			}
			used += n
		}
		t.left--
	}
	for _, c := range t.fixed {
		c.repeat(rows)
	}
	return nil
}

// put hands the rows that were read to a frame.
func (t *tableReader) put(f *Frame) {
	f.columns = f.columns[:0]
	for _, list := range [][]*columnCursor{t.cursors, t.fixed} {
		for _, c := range list {
			f.columns = append(f.columns, frameColumn{c.name, c.strings, c.ints})
		}
	}
}

func (t *tableReader) close() {
	for _, c := range t.cursors {
		_ = protect("close a column", c.close) // everything was read, or there is an error already
	}
}

// columnCursor reads one column, or repeats its value where the file has none.
type columnCursor struct {
	name    string
	column  *parquet.Column
	kind    parquet.Kind
	strings *Strings // nil: a column of integers
	ints    []int64
	mayLack bool // the file may lack it: then all rows have the value that follows
	text    []byte
	number  int64

	lz4    *lz4Chunk // in the place of the rest
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

func (c *columnCursor) openLZ4(r io.ReaderAt, meta *format.ColumnMetaData) (err error) {
	if err := c.close(); err != nil {
		return err
	}
	c.lz4, err = newLZ4Chunk(r, c.column, meta)
	return err
}

func (c *columnCursor) reset() {
	if c.strings != nil {
		c.strings.Reset()
	}
	c.ints = c.ints[:0]
}

// repeat sets the rows of a column that the file lacks.
func (c *columnCursor) repeat(rows int) {
	c.reset()
	for range rows {
		if c.strings != nil {
			c.strings.Append(c.text)
		} else {
			c.ints = append(c.ints, c.number)
		}
	}
}

// next appends the next value and returns how many bytes of strings that took.
func (c *columnCursor) next() (int, error) {
	if c.lz4 != nil {
		return c.lz4.next(c)
	}
	for len(c.ready) == 0 {
		if err := c.load(); err != nil {
			return 0, err
		}
	}
	v := &c.ready[0]
	c.ready = c.ready[1:]
	switch null := v.IsNull(); {
	case c.strings != nil && null:
		c.strings.Seal()
	case c.strings != nil:
		b := v.ByteArray()
		c.strings.Append(b)
		return len(b), nil
	case null:
		c.ints = append(c.ints, 0)
	case c.kind == parquet.Int32:
		c.ints = append(c.ints, int64(v.Int32()))
	default:
		c.ints = append(c.ints, v.Int64())
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
	c.values, c.page, c.ready, c.lz4 = nil, nil, nil, nil
	if c.pages == nil {
		return nil
	}
	pages := c.pages
	c.pages = nil
	return pages.Close()
}

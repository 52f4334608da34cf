// Package beside reads tables that have the same rows side by side: documents, and what is measured of them. A table that is asked for no column is not
// opened.
package beside

import (
	"context"
	"fmt"
	"iter"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// Table is a file and what is read of it.
type Table struct {
	Format  *pipeline.TableFormat
	Path    string
	Columns columnar.Selection
}

func (t *Table) asked() bool {
	c := &t.Columns
	return len(c.Text)+len(c.Int)+len(c.TextOr)+len(c.IntOr) > 0
}

// Rows are some of the rows that tables have: those from First on, as many as Rows.
type Rows struct{ First, Rows int64 }

// Block is some rows of all tables, in the order in which they were given. It is valid until the function that it was given to returns.
type Block struct {
	First int64 // the number of the first row in the files
	Len   int

	of []*frames
}

// Int returns a column of integers of a table, with Len values.
func (b *Block) Int(table int, name string) []int64 {
	f := b.of[table]
	return f.frame.Int(name)[f.at:][:b.Len]
}

// Text returns a column of strings of a table, in which row i of the block stands at first+i.
func (b *Block) Text(table int, name string) (column *columnar.Strings, first int) {
	f := b.of[table]
	return f.frame.Text(name), f.at
}

// Each hands over rows of tables, some thousand at a time, in their order. An error of yield ends it and is returned as it is. A table that has not all of
// the rows is an error.
func Each(ctx context.Context, from pipeline.Store, rows Rows, tables []Table, yield func(*Block) error) error {
	b := &Block{of: make([]*frames, len(tables))}
	var open []*frames
	defer func() {
		for _, f := range open {
			f.stop()
		}
	}()
	for i := range tables {
		if tables[i].asked() {
			b.of[i] = read(ctx, from, rows, &tables[i])
			open = append(open, b.of[i])
		}
	}
	for next, end := rows.First, rows.First+rows.Rows; next < end; next += int64(b.Len) {
		n := end - next
		for _, f := range open {
			left, err := f.left(next)
			if err != nil {
				return err
			}
			n = min(n, left)
		}
		b.First, b.Len = next, int(n)
		if err := yield(b); err != nil {
			return err
		}
		for _, f := range open {
			f.at += b.Len
		}
	}
	return nil
}

// frames are those of a file, one after the other.
type frames struct {
	path  string
	next  func() (*columnar.Frame, error, bool)
	stop  func()
	frame *columnar.Frame
	at    int // the row of the frame that comes next
}

func read(ctx context.Context, from pipeline.Store, rows Rows, t *Table) *frames {
	f := &frames{path: t.Path}
	want := func(g *columnar.RowGroup) bool { return g.First < rows.First+rows.Rows && g.First+g.Rows > rows.First }
	f.next, f.stop = iter.Pull2(func(yield func(*columnar.Frame, error) bool) {
		err := t.Format.ReadTable(ctx, from, t.Path, t.Columns, want, func(d *columnar.Frame) error {
			if !yield(d, nil) {
				return pipeline.ErrEnough
			}
			return nil
		})
		if err != nil {
			yield(nil, err)
		}
	})
	return f
}

// left is how many rows of the frame are left from a row of the file on, of the next one if there are none.
func (f *frames) left(row int64) (int64, error) {
	for f.frame == nil || f.at >= f.frame.Rows() {
		frame, err, ok := f.next()
		if !ok {
			err = fmt.Errorf("%s has fewer rows than its manifest says", f.path)
		}
		if err != nil {
			return 0, err
		}
		f.frame, f.at = frame, 0
		if first := frame.First(); first <= row && row < first+int64(frame.Rows()) {
			f.at = int(row - first)
		} else if first > row {
			return 0, fmt.Errorf("%s has no row %d", f.path, row)
		} else {
			f.at = frame.Rows()
		}
	}
	return int64(f.frame.Rows() - f.at), nil
}

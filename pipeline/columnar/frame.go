package columnar

import (
	"fmt"
	"math"
)

// Selection is the columns of a table that are read, by name. Columns of strings are asked for in Text, those of integers, of
// 32 or 64 bits alike, in Int. TextOr and IntOr are columns that a table of an earlier format may lack: each of its rows then
// has the value that is given here.
type Selection struct {
	Text, Int []string
	TextOr    map[string]string
	IntOr     map[string]int64
}

// SelectionOf selects all columns of a schema.
func SelectionOf(schema []Column) (s Selection) {
	for _, c := range schema {
		if c.Type == Int32 || c.Type == Int64 {
			s.Int = append(s.Int, c.Name)
		} else {
			s.Text = append(s.Text, c.Name)
		}
	}
	return s
}

// Frame is some rows of a table. Its columns are found by their names, and numbers are read as 64 bits whatever the file has,
// so that tables of all formats are read by the same code. It and all that it gives out is valid until the function that it
// was given to returns.
type Frame struct {
	columns  []frameColumn // few: looking through them is faster than a map
	rows     int
	first    int64
	narrowed [][]int32 // memory of Values
	values   []any
}

// frameColumn is one column. Exactly one of text and ints is used.
type frameColumn struct {
	name string
	text *Strings // nil: a column of integers
	ints []int64
}

// NewFrame makes a frame of what another reader than ReadTable has read: rows of a file from the given one on, and the columns by
// their names.
func NewFrame(first int64, rows int, text map[string]*Strings, ints map[string][]int64) *Frame {
	f := &Frame{first: first, rows: rows}
	for name, column := range text {
		f.columns = append(f.columns, frameColumn{name: name, text: column})
	}
	for name, column := range ints {
		f.columns = append(f.columns, frameColumn{name: name, ints: column})
	}
	return f
}

// Rows is the number of rows, at least one.
func (f *Frame) Rows() int { return f.rows }

// First is the number of the first row in the file.
func (f *Frame) First() int64 { return f.first }

// Text returns a column of strings. One that was not selected as such is a programmer error: it panics.
func (f *Frame) Text(name string) *Strings {
	for i := range f.columns {
		if c := &f.columns[i]; c.name == name && c.text != nil {
			return c.text
		}
	}
	panic(fmt.Sprintf("column %s was not selected as text", name))
}

// Int returns a column of integers. One that was not selected as such is a programmer error: it panics.
func (f *Frame) Int(name string) []int64 {
	for i := range f.columns {
		if c := &f.columns[i]; c.name == name && c.text == nil {
			return c.ints
		}
	}
	panic(fmt.Sprintf("column %s was not selected as integers", name))
}

// Values returns the rows as a TableWriter of the schema takes them; its columns must have been selected. A number that is too
// large for its column is an error. The values are valid until the next call.
func (f *Frame) Values(schema []Column) ([]any, error) {
	f.values = f.values[:0]
	narrowed := 0
	for _, c := range schema {
		switch c.Type {
		case Int64:
			f.values = append(f.values, f.Int(c.Name))
		case Int32:
			if narrowed == len(f.narrowed) {
				f.narrowed = append(f.narrowed, nil)
			}
			list := f.narrowed[narrowed][:0]
			for i, n := range f.Int(c.Name) {
				if n < math.MinInt32 || n > math.MaxInt32 {
					return nil, fmt.Errorf("row %d: %s is %d, which has more than 32 bits", f.first+int64(i), c.Name, n)
				}
				list = append(list, int32(n))
			}
			f.narrowed[narrowed] = list
			f.values = append(f.values, list)
			narrowed++
		default:
			f.values = append(f.values, f.Text(c.Name))
		}
	}
	return f.values, nil
}

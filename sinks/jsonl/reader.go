package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/millrace/millrace/pipeline/columnar"
)

// read is columnar.ReadTable for JSON Lines as the sink writes them. A row group is what is decoded at once: lines of one that is not
// wanted are counted only. A value that is an object is read as its JSON.
func read(r io.ReaderAt, size int64, columns columnar.Selection, want func(*columnar.RowGroup) bool, yield func(*columnar.Frame) error) error {
	t := tableOf(&columns)
	if len(t.columns) == 0 {
		return errors.New("no columns to read")
	}
	l, err := openLines(r, size)
	if err != nil {
		return err
	}
	defer l.close()
	for first := int64(0); ; first += int64(len(l.ends)) {
		switch err := l.next(); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("behind row %d: %w", first, err)
		}
		if want != nil && !want(&columnar.RowGroup{First: first, Rows: int64(len(l.ends))}) {
			continue
		}
		t.reset()
		for i, line := range l.each {
			if err := t.add(line); err != nil {
				return fmt.Errorf("row %d: %w", first+int64(i), err)
			}
		}
		if err := yield(t.frame(first)); err != nil {
			return err
		}
	}
}

// table collects the selected columns of lines.
type table struct {
	columns []column
	rows    int
}

// column is one of them.
type column struct {
	name    string
	text    *columnar.Strings // nil: integers
	ints    []int64
	mayLack bool // a row may lack it: then it has the value that follows
	orText  []byte
	orInt   int64
}

func tableOf(s *columnar.Selection) *table {
	t := &table{}
	for _, name := range s.Text {
		t.columns = append(t.columns, column{name: name, text: &columnar.Strings{}})
	}
	for _, name := range s.Int {
		t.columns = append(t.columns, column{name: name})
	}
	for name, value := range s.TextOr {
		t.columns = append(t.columns, column{name: name, text: &columnar.Strings{}, mayLack: true, orText: []byte(value)})
	}
	for name, value := range s.IntOr {
		t.columns = append(t.columns, column{name: name, mayLack: true, orInt: value})
	}
	return t
}

func (t *table) reset() {
	t.rows = 0
	for i := range t.columns {
		if c := &t.columns[i]; c.text != nil {
			c.text.Reset()
		} else {
			c.ints = c.ints[:0]
		}
	}
}

func (t *table) frame(first int64) *columnar.Frame {
	text, ints := map[string]*columnar.Strings{}, map[string][]int64{}
	for i := range t.columns {
		if c := &t.columns[i]; c.text != nil {
			text[c.name] = c.text
		} else {
			ints[c.name] = c.ints
		}
	}
	return columnar.NewFrame(first, t.rows, text, ints)
}

func (t *table) find(name []byte) *column {
	for i := range t.columns {
		if t.columns[i].name == string(name) {
			return &t.columns[i]
		}
	}
	return nil
}

var errLine = errors.New("no line that this program writes")

// add reads a line: {"key":value,…}, without anything between. What was added of a line with an error is of no use.
func (t *table) add(line []byte) error {
	i := 1
	for ; ; i++ {
		if i >= len(line) || line[0] != '{' || line[i] != '"' {
			return errLine
		}
		end := bytes.IndexByte(line[i+1:], '"') + i + 1
		if end == i || end+1 >= len(line) || line[end+1] != ':' {
			return errLine
		}
		c := t.find(line[i+1 : end])
		if c != nil && c.rows() > t.rows {
			return fmt.Errorf("column %s is there twice", c.name)
		}
		n, err := c.value(line[end+2:])
		if err != nil {
			return fmt.Errorf("column %s: %w", line[i+1:end], err)
		}
		if i = end + 2 + n; i >= len(line) || line[i] != ',' {
			break
		}
	}
	if i != len(line)-1 || line[i] != '}' {
		return errLine
	}
	t.rows++
	for i := range t.columns {
		if err := t.columns[i].fill(t.rows); err != nil {
			return err
		}
	}
	return nil
}

func (c *column) rows() int {
	if c.text != nil {
		return c.text.Len()
	}
	return len(c.ints)
}

// fill gives the last row a value where it has none.
func (c *column) fill(rows int) error {
	switch {
	case c.rows() == rows:
	case !c.mayLack:
		return fmt.Errorf("no column %s", c.name)
	case c.text != nil:
		c.text.Append(c.orText)
	default:
		c.ints = append(c.ints, c.orInt)
	}
	return nil
}

// value reads the value that s begins with, passes over it for nil, and returns its length.
func (c *column) value(s []byte) (n int, err error) {
	if len(s) == 0 {
		return 0, errLine
	}
	isText, isObject := s[0] == '"', s[0] == '{'
	if c != nil && (c.text != nil) != (isText || isObject) {
		return 0, errors.New("a value of another type")
	}
	switch {
	case isText && c == nil:
		n, err = skipText(s)
	case isText:
		c.text.Data, n, err = appendText(c.text.Data, s)
	case isObject:
		if n, err = skipObject(s); err == nil && c != nil {
			if !json.Valid(s[:n]) {
				return 0, errors.New("an object that is no JSON")
			}
			c.text.Data = append(c.text.Data, s[:n]...)
		}
	default:
		return c.number(s)
	}
	if err == nil && c != nil {
		c.text.Seal()
	}
	return n, err
}

func (c *column) number(s []byte) (n int, err error) {
	for n < len(s) && (s[n] == '-' || s[n] >= '0' && s[n] <= '9') {
		n++
	}
	v, err := strconv.ParseInt(string(s[:n]), 10, 64)
	if err == nil && c != nil {
		c.ints = append(c.ints, v)
	}
	return n, err
}

// skipText returns the length of the string that s begins with.
func skipText(s []byte) (int, error) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i + 1, nil
		case '\\':
			i++
		}
	}
	return 0, errString
}

// skipObject returns the length of the object that s begins with, by its brackets.
func skipObject(s []byte) (int, error) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			n, err := skipText(s[i:])
			if err != nil {
				return 0, err
			}
			i += n - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1, nil
			}
		}
	}
	return 0, errLine
}

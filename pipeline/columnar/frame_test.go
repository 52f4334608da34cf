package columnar

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// oldShape and newShape are a table before and after a column became wider and others came.
var (
	oldShape = []Column{{Name: "id"}, {Name: "chars", Type: Int32}, {Name: "offset", Type: Int64}}
	newShape = []Column{
		{Name: "copies", Type: Int32}, {Name: "id"}, {Name: "offset", Type: Int64}, {Name: "chars", Type: Int64}, {Name: "note"},
	}
)

// shaped is a table of some rows in one of the shapes, in row groups of a few of them.
func shaped(t testing.TB, schema []Column, rows int) *bytes.Reader {
	t.Helper()
	var columns []any
	for _, c := range schema {
		var text Strings
		var narrow []int32
		var wide []int64
		for i := range rows {
			text.Append(fmt.Appendf(nil, "%s %d", c.Name, i))
			narrow = append(narrow, int32(i)-3)
			wide = append(wide, int64(i)-3)
		}
		switch c.Type {
		case Int32:
			columns = append(columns, narrow)
		case Int64:
			columns = append(columns, wide)
		default:
			columns = append(columns, &text)
		}
	}
	return bytes.NewReader(writeTable(t, NewParquetWriter, schema, TableOptions{GroupBytes: 100_000}, 0, columns...))
}

// Both shapes are read by the same names and give the same, but for what the older one has not.
func TestFrameShapes(t *testing.T) {
	const rows = 10_000
	for shape, schema := range map[string][]Column{"old": oldShape, "new": newShape} {
		t.Run(shape, func(t *testing.T) {
			file := shaped(t, schema, rows)
			row := int64(0)
			s := Selection{
				Text: []string{"id"}, Int: []string{"chars", "offset"}, TextOr: map[string]string{"note": "none"},
				IntOr: map[string]int64{"copies": 1},
			}
			err := ReadTable(file, file.Size(), s, nil, func(f *Frame) error {
				if f.First() != row || f.Rows() != f.Text("id").Len() {
					t.Errorf("%d rows from %d, want %d from %d", f.Rows(), f.First(), f.Text("id").Len(), row)
				}
				ids, notes, chars, offsets, copies := f.Text("id"), f.Text("note"), f.Int("chars"), f.Int("offset"), f.Int("copies")
				for i := range f.Rows() {
					note, count := fmt.Sprintf("note %d", row), row-3
					if shape == "old" {
						note, count = "none", 1
					}
					if string(ids.At(i)) != fmt.Sprintf("id %d", row) || chars[i] != row-3 || offsets[i] != row-3 || copies[i] != count ||
						string(notes.At(i)) != note {
						return fmt.Errorf("row %d is %s, %d, %d, %d, %s", row, ids.At(i), chars[i], offsets[i], copies[i], notes.At(i))
					}
					row++
				}
				return nil
			})
			if err != nil || row != rows {
				t.Errorf("%d rows, %v", row, err)
			}
		})
	}
}

// What is not there, or is something else, is an error that names the column.
func TestFrameRefuses(t *testing.T) {
	file := shaped(t, oldShape, 3)
	for want, s := range map[string]Selection{
		`no column "copies": there are id, chars, offset`: {Int: []string{"copies"}},
		`no column "note"`: {Text: []string{"id", "note"}},
		"column chars has the type INT32, which is not what":   {Text: []string{"chars"}},
		"column id has the type BYTE_ARRAY, which is not what": {IntOr: map[string]int64{"id": 1}},
		"no columns": {},
	} {
		err := ReadTable(file, file.Size(), s, nil, func(*Frame) error { return nil })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", s, err, want)
		}
	}
	for _, wrong := range []func(*Frame){
		func(f *Frame) { f.Text("offset") },
		func(f *Frame) { f.Int("id") },
		func(f *Frame) { f.Int("chars") }, // not selected
	} {
		err := ReadTable(file, file.Size(), Selection{Text: []string{"id"}, Int: []string{"offset"}}, nil, func(f *Frame) error {
			defer func() {
				if recover() == nil {
					t.Error("a column that was not selected so is no panic")
				}
			}()
			wrong(f)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// Rows of an old table are written as they are, and as those of the new one.
func TestFrameValues(t *testing.T) {
	const rows = 9000
	file := shaped(t, oldShape, rows)
	newer := slices.Clone(newShape)
	s := SelectionOf(oldShape)
	s.IntOr, s.TextOr = map[string]int64{"copies": 1}, map[string]string{"note": ""}
	for _, schema := range [][]Column{oldShape, newer} {
		var out bytes.Buffer
		w, err := NewParquetWriter(&out, schema, TableOptions{GroupBytes: 100_000})
		if err != nil {
			t.Fatal(err)
		}
		err = ReadTable(file, file.Size(), s, nil, func(f *Frame) error {
			values, err := f.Values(schema)
			if err != nil {
				return err
			}
			return w.Write(values...)
		})
		if n, finished := w.Finish(); err != nil || finished != nil || n != rows {
			t.Fatalf("%d rows, %v, %v", n, err, finished)
		}
		again := bytes.NewReader(out.Bytes())
		row := int64(0)
		err = ReadTable(again, again.Size(), SelectionOf(schema), nil, func(f *Frame) error {
			for i, n := range f.Int("chars") {
				if n != row-3 || string(f.Text("id").At(i)) != fmt.Sprintf("id %d", row) {
					return fmt.Errorf("row %d has %d", row, n)
				}
				row++
			}
			return nil
		})
		if err != nil || row != rows {
			t.Errorf("%d rows, %v", row, err)
		}
	}
	large := bytes.NewReader(writeTable(t, NewParquetWriter, newShape[2:3], TableOptions{}, 0, []int64{1, 1 << 31}))
	err := ReadTable(large, large.Size(), Selection{Int: []string{"offset"}}, nil, func(f *Frame) error {
		_, err := f.Values([]Column{{Name: "offset", Type: Int32}})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "row 1: offset is 2147483648") {
		t.Errorf("too large: %v", err)
	}
}

// Reading allocates nothing for a row, nor for a chunk of rows: only for the file and its pages.
func TestFrameAllocations(t *testing.T) {
	reads := func(rows int) float64 {
		file := shaped(t, oldShape, rows)
		s := Selection{Int: []string{"chars"}, IntOr: map[string]int64{"copies": 1}}
		sum := int64(0)
		return testing.AllocsPerRun(5, func() {
			err := ReadTable(file, file.Size(), s, nil, func(f *Frame) error {
				for i, n := range f.Int("chars") {
					sum += n * f.Int("copies")[i]
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	const few, many = 1000, 4000 // of one row group and one page
	if a, b := reads(few), reads(many); b-a > 50 {
		t.Errorf("%v allocations for %d rows, %v for %d", a, few, b, many)
	}
}

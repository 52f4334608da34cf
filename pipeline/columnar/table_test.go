package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// documents has a column of every kind.
var documents = []Column{
	{Name: "id", Type: Binary},
	{Name: "text", Type: String},
	{Name: "path", Type: String, Dictionary: true, Statistics: true},
	{Name: "unlike", Type: String, Dictionary: true},
	{Name: "offset", Type: Int64, Statistics: true},
	{Name: "chars", Type: Int32, Statistics: true},
}

// table makes the columns of documents.
func (c *chinese) table(rows, size int) []any {
	b := c.batch(0, rows, size)
	var id, path, unlike Strings
	for i := range rows {
		id.Append([]byte{byte(i), byte(c.r.Uint32()), byte(c.r.Uint32()), 0xFF})
		path.Append(fmt.Appendf(nil, "folder/%d.txt", c.r.IntN(1+i/20)*7%97))
		unlike.Append(fmt.Appendf(nil, "%d-%d", i, c.r.Uint32()))
	}
	return []any{&id, &b.Text, &path, &unlike, b.Offset, b.Chars}
}

func sliceTable(columns []any, from, to int) []any {
	part := make([]any, len(columns))
	for i, column := range columns {
		switch v := column.(type) {
		case *Strings:
			s := new(Strings)
			for j := from; j < to; j++ {
				s.Append(v.At(j))
			}
			part[i] = s
		case []int32:
			part[i] = slices.Clone(v[from:to])
		case []int64:
			part[i] = slices.Clone(v[from:to])
		}
	}
	return part
}

type newWriter func(io.Writer, []Column, TableOptions) (TableWriter, error)

// writeTable writes rows in calls of the given size, 0 for all at once.
func writeTable(t testing.TB, start newWriter, schema []Column, o TableOptions, call int, columns ...any) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := start(&out, schema, o)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := CheckRows(schema, columns)
	if err != nil {
		t.Fatal(err)
	}
	if call == 0 {
		call = max(rows, 1)
	}
	for from := 0; from < rows; from += call {
		if err := w.Write(sliceTable(columns, from, min(from+call, rows))...); err != nil {
			t.Fatal(err)
		}
	}
	got, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if got != int64(rows) {
		t.Fatalf("Finish says %d rows, want %d", got, rows)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// readTable reads columns back and joins the chunks; numbers have 64 bits.
func readTable(file []byte, names ...string) ([]any, error) {
	var s Selection
	for _, name := range names {
		if slices.Contains([]string{"number", "small", "offset", "chars", "score"}, name) {
			s.Int = append(s.Int, name)
		} else {
			s.Text = append(s.Text, name)
		}
	}
	var all []any
	err := ReadTable(bytes.NewReader(file), int64(len(file)), s, nil, func(f *Frame) error {
		if all == nil {
			all = make([]any, len(names))
		}
		for i, name := range names {
			if slices.Contains(s.Int, name) {
				old, _ := all[i].([]int64)
				all[i] = append(old, f.Int(name)...)
				continue
			}
			if all[i] == nil {
				all[i] = new(Strings)
			}
			all[i].(*Strings).appendRange(f.Text(name), 0, f.Rows())
		}
		return nil
	})
	return all, err
}

// tableDiff says where two tables differ; go-cmp is too slow for so many values.
func tableDiff(want, got []any) string {
	if len(want) != len(got) {
		return fmt.Sprintf("%d columns, want %d", len(got), len(want))
	}
	for i := range want {
		equal := false
		switch w := want[i].(type) {
		case *Strings:
			g, ok := got[i].(*Strings)
			equal = ok && slices.Equal(w.Offsets, g.Offsets) && bytes.Equal(w.Data, g.Data)
		case []int32:
			g, ok := got[i].([]int64)
			equal = ok && slices.EqualFunc(w, g, func(a int32, b int64) bool { return int64(a) == b })
		case []int64:
			g, ok := got[i].([]int64)
			equal = ok && slices.Equal(w, g)
		}
		if !equal {
			return fmt.Sprintf("column %d differs:\nwant %.200v\ngot  %.200v", i, want[i], got[i])
		}
	}
	return ""
}

func names(schema []Column) (list []string) {
	for _, c := range schema {
		list = append(list, c.Name)
	}
	return list
}

func TestParquetRoundTrip(t *testing.T) {
	tests := map[string]struct {
		rows, size int
		o          TableOptions
	}{
		"empty":             {0, 0, TableOptions{}},
		"one row":           {1, 10, TableOptions{}},
		"empty texts":       {300, 0, TableOptions{}},
		"one group":         {500, 300, TableOptions{}},
		"many groups":       {2000, 300, TableOptions{GroupBytes: 50_000}},
		"a row a group":     {20, 300, TableOptions{GroupBytes: 1}},
		"large values":      {4, 1_500_000, TableOptions{}},
		"many pages":        {9000, 300, TableOptions{GroupBytes: 2 << 20}},
		"several at a time": {9000, 300, TableOptions{GroupBytes: 1 << 20, Parallel: 3}},
		"level 9":           {500, 300, TableOptions{Level: 9}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want := newChinese(1).table(test.rows, test.size)
			file := writeTable(t, NewParquetWriter, documents, test.o, 0, want...)
			got, err := readTable(file, names(documents)...)
			if err != nil {
				t.Fatal(err)
			}
			if test.rows == 0 {
				want = nil
			}
			if d := tableDiff(want, got); d != "" {
				t.Error(d)
			}
			rows, err := ParquetRows(bytes.NewReader(file), int64(len(file)))
			if err != nil || rows != int64(test.rows) {
				t.Errorf("ParquetRows: %d, %v, want %d", rows, err, test.rows)
			}
		})
	}
}

// Invariant 1: the bytes depend on the rows alone, not on how they came or how many cores worked.
func TestTableBytesAreDeterministic(t *testing.T) {
	columns := newChinese(2).table(5000, 400)
	o := TableOptions{GroupBytes: 600_000, Metadata: map[string]string{"b": "2", "a": "1", "c": "3"}}
	for name, start := range map[string]newWriter{"parquet": NewParquetWriter, "arrow": NewArrowWriter} {
		want := writeTable(t, start, documents, o, 0, columns...)
		for _, call := range []int{1, 64, 1000, 4999} {
			for _, parallel := range []int{1, 3} {
				o.Parallel = parallel
				if got := writeTable(t, start, documents, o, call, columns...); !bytes.Equal(want, got) {
					t.Errorf("%s: %d rows a call, %d at a time, give other bytes", name, call, parallel)
				}
			}
		}
	}
}

func TestTableMetadata(t *testing.T) {
	want := map[string]string{"huggingface": `{"info":{}}`, "空": "值", "empty": ""}
	file := writeTable(t, NewParquetWriter, documents, TableOptions{Metadata: want}, 0, newChinese(3).table(3, 9)...)
	footer, err := ReadFooter(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, footer.Metadata); d != "" {
		t.Errorf("metadata differ (-want +got):\n%s", d)
	}
	if d := cmp.Diff(names(documents), footer.Columns); d != "" {
		t.Errorf("columns differ (-want +got):\n%s", d)
	}
	if footer.Created != "millrace" {
		t.Errorf("created by %q", footer.Created)
	}
	if _, err := NewParquetWriter(io.Discard, documents, TableOptions{Metadata: map[string]string{"a": "\xff"}}); err == nil {
		t.Error("metadata that is not UTF-8 was taken")
	}
}

func TestTableRefuses(t *testing.T) {
	two := []Column{{Name: "a"}, {Name: "b", Type: Int32}}
	schemas := map[string]struct {
		schema []Column
		o      TableOptions
		want   string
	}{
		"no columns":   {nil, TableOptions{}, "needs a column"},
		"no name":      {[]Column{{}}, TableOptions{}, "is empty or taken"},
		"same name":    {[]Column{{Name: "a"}, {Name: "a"}}, TableOptions{}, "is empty or taken"},
		"type":         {[]Column{{Name: "a", Type: 4}}, TableOptions{}, "unknown type"},
		"json":         {[]Column{{Name: "a", Type: Binary, JSON: true}}, TableOptions{}, "only strings can be JSON"},
		"delta":        {[]Column{{Name: "a", Type: Int32, Delta: true}}, TableOptions{}, "only integers of 64 bits"},
		"delta in lz4": {[]Column{{Name: "a", Type: Int64, Delta: true}}, TableOptions{Codec: LZ4Raw}, "not in lz4_raw"},
		"group":        {two, TableOptions{GroupBytes: 2 << 30}, "at most 1 GiB"},
		"minus":        {two, TableOptions{GroupBytes: -1}, "at most 1 GiB"},
		"level":        {two, TableOptions{Level: 23}, "not between"},
		"all problems": {[]Column{{Type: 4}}, TableOptions{Level: -1}, "unknown type 4\nzstd level"},
	}
	for name, start := range map[string]newWriter{"parquet": NewParquetWriter, "arrow": NewArrowWriter} {
		for test, x := range schemas {
			if _, err := start(io.Discard, x.schema, x.o); err == nil || !strings.Contains(err.Error(), x.want) {
				t.Errorf("%s, %s: %v, want %q", name, test, err, x.want)
			}
		}
		one := Strings{[]int32{0, 1}, []byte("x")}
		calls := map[string]struct {
			columns []any
			want    string
		}{
			"too few":     {[]any{&one}, "1 columns for a table of 2"},
			"type":        {[]any{&one, []int64{1}}, "cannot hold []int64"},
			"strings":     {[]any{one, []int32{1}}, "cannot hold columnar.Strings"},
			"nil":         {[]any{nil, []int32{1}}, "cannot hold <nil>"},
			"nil pointer": {[]any{(*Strings)(nil), []int32{1}}, "panic"},
			"lengths":     {[]any{&one, []int32{1, 2}}, "has 2 rows"},
			"offsets":     {[]any{&Strings{[]int32{0, 9}, []byte("x")}, []int32{1}}, "values end at 9"},
		}
		for test, x := range calls {
			w, err := start(io.Discard, two, TableOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(x.columns...); err == nil || !strings.Contains(err.Error(), x.want) {
				t.Errorf("%s, %s: %v, want %q", name, test, err, x.want)
			}
			if err := w.Write(&one, []int32{1}); err == nil {
				t.Errorf("%s, %s: Write after an error succeeded", name, test)
			}
			if _, err := w.Finish(); err == nil {
				t.Errorf("%s, %s: Finish after an error succeeded", name, test)
			}
		}
	}
}

func TestTableAfterFinish(t *testing.T) {
	columns := newChinese(4).table(10, 10)
	for name, start := range map[string]newWriter{"parquet": NewParquetWriter, "arrow": NewArrowWriter} {
		w, err := start(io.Discard, documents, TableOptions{Parallel: 2})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(columns...); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Finish(); err != nil {
			t.Fatal(err)
		}
		if err := w.Write(columns...); err == nil {
			t.Errorf("%s: Write after Finish succeeded", name)
		}
		if _, err := w.Finish(); err == nil {
			t.Errorf("%s: a second Finish succeeded", name)
		}
		if err := errors.Join(w.Close(), w.Close()); err != nil {
			t.Errorf("%s: Close after Finish: %v", name, err)
		}
	}
}

// A writer may be given up at any time; the leak check of the package sees its goroutines.
func TestTableClose(t *testing.T) {
	columns := newChinese(5).table(5000, 500)
	for _, start := range []newWriter{NewParquetWriter, NewArrowWriter} {
		w, err := start(io.Discard, documents, TableOptions{Parallel: 4, GroupBytes: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(columns...); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Close(), w.Close()); err != nil {
			t.Error(err)
		}
		if err := w.Write(columns...); err == nil {
			t.Error("Write after Close succeeded")
		}
		if _, err := w.Finish(); err == nil {
			t.Error("Finish after Close succeeded")
		}
	}
}

// G1: whichever write of the sink fails, returns short, or panics, Finish says so and nothing is written after it.
func TestTableFailingSink(t *testing.T) {
	columns := newChinese(6).table(60, 100)
	for name, start := range map[string]newWriter{"parquet": NewParquetWriter, "arrow": NewArrowWriter} {
		for _, parallel := range []int{1, 3} {
			run := func(sink *failingWriter) error {
				w, err := start(sink, documents, TableOptions{GroupBytes: 8000, Parallel: parallel})
				if err != nil {
					return err
				}
				_ = w.Write(columns...)
				_ = w.Write(columns...)
				_, err = w.Finish()
				return err
			}
			count := new(failingWriter)
			if err := run(count); err != nil {
				t.Fatal(err)
			}
			for i := range count.calls {
				for _, sink := range []*failingWriter{{failAt: i + 1}, {failAt: i + 1, short: true}, {failAt: i + 1, panics: true}} {
					err := run(sink)
					if err == nil {
						t.Errorf("%s: write %d of %d failed, Finish did not (%+v)", name, i+1, count.calls, sink)
					}
					if !sink.short && !sink.panics && !errors.Is(err, errSink) {
						t.Errorf("%s: write %d: error lost its cause: %v", name, i+1, err)
					}
					if sink.after > 0 {
						t.Errorf("%s: write %d failed, and %d more came (%+v)", name, i+1, sink.after, sink)
					}
				}
			}
		}
	}
}

// G6: the columns are the caller's again when Write returns; statistics too are of the values as they were.
func TestTableKeepsNothing(t *testing.T) {
	for name, start := range map[string]newWriter{"parquet": NewParquetWriter, "arrow": NewArrowWriter} {
		columns := newChinese(7).table(1000, 200)
		want := writeTable(t, start, documents, TableOptions{}, 100, columns...)
		var out bytes.Buffer
		w, err := start(&out, documents, TableOptions{Parallel: 2})
		if err != nil {
			t.Fatal(err)
		}
		for from := 0; from < 1000; from += 100 {
			part := sliceTable(columns, from, from+100)
			if err := w.Write(part...); err != nil {
				t.Fatal(err)
			}
			for _, column := range part {
				switch v := column.(type) {
				case *Strings:
					for i := range v.Data {
						v.Data[i] = 'z'
					}
				case []int32:
					clear(v)
				case []int64:
					clear(v)
				}
			}
		}
		if _, err := w.Finish(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, out.Bytes()) {
			t.Errorf("%s: the file changed with the caller's memory", name)
		}
	}
}

func TestDictionaryEncoding(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	values := map[string]func(i int) int{
		"one":          func(int) int { return 0 },
		"two runs":     func(i int) int { return i / 5000 },
		"runs of 7":    func(i int) int { return i / 7 % 3 },
		"runs of 8":    func(i int) int { return i / 8 % 5 },
		"runs of 9":    func(i int) int { return i / 9 % 300 },
		"no runs":      func(i int) int { return i % 2 },
		"random":       func(int) int { return r.IntN(1000) },
		"random runs":  func(i int) int { return (i >> uint(r.IntN(6))) % 129 },
		"late variety": func(i int) int { return max(0, i-9000) },
		"early":        func(i int) int { return min(i, 700) },
		"too large":    func(i int) int { return i / 2 },
	}
	schema := []Column{{Name: "v", Type: String, Dictionary: true}}
	for name, value := range values {
		sizes := []int{1, 7, 8, 9, 10_000}
		if name == "runs of 9" {
			sizes = append(sizes, dictionaryValues+10_000) // two pages of indices
		}
		for _, rows := range sizes {
			var s Strings
			for i := range rows {
				s.Append(fmt.Appendf(nil, "a value of some length %d", value(i)))
			}
			file := writeTable(t, NewParquetWriter, schema, TableOptions{}, 0, &s)
			got, err := readTable(file, "v")
			if err != nil {
				t.Errorf("%s, %d rows: %v", name, rows, err)
				continue
			}
			if d := tableDiff([]any{&s}, got); d != "" {
				t.Errorf("%s, %d rows: %s", name, rows, d)
			}
		}
	}
}

package columnar

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// countingReader counts the bytes that are read.
type countingReader struct {
	io.ReaderAt
	bytes int64
}

func (c *countingReader) ReadAt(b []byte, at int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(b, at)
	c.bytes += int64(n)
	return n, err
}

var rowsSchema = []Column{{Name: "id"}, {Name: "text"}, {Name: "n", Type: Int32}}

// rowsFile is a table of texts, of which one in ten is longer than a page, and some are empty.
func rowsFile(t testing.TB, rows int, o TableOptions) (file []byte, text *Strings) {
	t.Helper()
	r := rand.New(rand.NewPCG(70, 71))
	c := newChinese(72)
	var id Strings
	var n []int32
	text = new(Strings)
	for i := range rows {
		size := r.IntN(200) * r.IntN(200)
		if i%40 == 7 {
			size = pageBytes + r.IntN(pageBytes/4)
		}
		id.Append([]byte{byte(i)})
		text.Append(c.text(nil, size))
		n = append(n, int32(i))
	}
	return writeTable(t, NewParquetWriter, rowsSchema, o, 0, &id, text, n), text
}

func TestRowReader(t *testing.T) {
	if testing.Short() {
		t.Skip("skip: it starts no goroutine")
	}
	r := rand.New(rand.NewPCG(73, 74))
	var reader RowReader // of one file after the other
	for _, o := range []TableOptions{{}, {GroupBytes: 300_000, Level: 3}, {GroupBytes: 1}} {
		const rows = 400
		file, text := rowsFile(t, rows, o)
		if err := reader.Reset(bytes.NewReader(file), int64(len(file)), "text"); err != nil {
			t.Fatal(err)
		}
		if reader.Rows() != rows {
			t.Errorf("%d rows", reader.Rows())
		}
		check := func(row int) {
			t.Helper()
			v, err := reader.At(int64(row))
			if err != nil || !bytes.Equal(v, text.At(row)) {
				t.Fatalf("row %d: %d bytes, %v, want %d", row, len(v), err, len(text.At(row)))
			}
		}
		for row := range rows {
			check(row)
			check(row)
		}
		for range 200 {
			check(r.IntN(rows))
		}
		for _, row := range []int64{-1, rows, 1 << 62} {
			if v, err := reader.At(row); err == nil {
				t.Errorf("row %d: %q", row, v)
			}
		}
	}
}

// What a value costs is a page, and not the column before it.
func TestRowReaderReadsPages(t *testing.T) {
	file, text := rowsFile(t, 400, TableOptions{})
	counting := &countingReader{ReaderAt: bytes.NewReader(file)}
	reader, err := OpenRows(counting, int64(len(file)), "text")
	if err != nil {
		t.Fatal(err)
	}
	counting.bytes = 0
	for range 3 {
		if v, err := reader.At(390); err != nil || !bytes.Equal(v, text.At(390)) {
			t.Fatalf("%q %v", v, err)
		}
	}
	if most := int64(len(file)) / 4; counting.bytes > most {
		t.Errorf("%d bytes were read of a file of %d", counting.bytes, len(file))
	}
}

func TestOpenRowsRefuses(t *testing.T) {
	file, _ := rowsFile(t, 50, TableOptions{})
	var words Strings
	for range 100 {
		words.Append([]byte("the same"))
	}
	dictionary := writeTable(t, NewParquetWriter, []Column{{Name: "text", Dictionary: true}}, TableOptions{}, 0, &words)
	foreign := foreignFile(t, 10)
	for name, tt := range map[string]struct {
		file         []byte
		column, want string
	}{
		"no such column": {file, "texts", `no column "texts"`},
		"numbers":        {file, "n", "not a required string"},
		"foreign":        {foreign, "text", "not flat"},
		"dictionary":     {dictionary, "text", "dictionary"},
		"cut":            {file[:len(file)-1], "text", "end mark"},
		"no file":        {nil, "text", "too few"},
	} {
		reader, err := OpenRows(bytes.NewReader(tt.file), int64(len(tt.file)), tt.column)
		if err == nil {
			_, err = reader.At(0)
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Pages carry checksums, which lie behind their last values: backwards, a flipped bit is an error before any value is wrong.
func TestRowReaderNoticesDamage(t *testing.T) {
	if testing.Short() {
		t.Skip("skip: it starts no goroutine")
	}
	file, text := rowsFile(t, 60, TableOptions{})
	r := rand.New(rand.NewPCG(75, 76))
	for range 100 {
		damaged := bytes.Clone(file)
		damaged[r.IntN(len(file))] ^= 1 << r.IntN(8)
		reader, err := OpenRows(bytes.NewReader(damaged), int64(len(damaged)), "text")
		for row := 59; err == nil && row >= 0; row-- {
			var v []byte
			if v, err = reader.At(int64(row)); err == nil && !bytes.Equal(v, text.At(row)) {
				t.Fatalf("row %d is another text", row)
			}
		}
	}
}

// A page is decoded as far as the value that is asked for. What is damaged behind it does not matter.
func TestRowReaderDecodesPrefix(t *testing.T) {
	var text Strings
	for i := range 100 {
		text.Append(newChinese(uint64(i)).text(nil, pageBytes/110))
	}
	file := writeTable(t, NewParquetWriter, []Column{{Name: "text"}}, TableOptions{}, 0, &text)
	reader, err := OpenRows(bytes.NewReader(file), int64(len(file)), "text")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.At(0); err != nil {
		t.Fatal(err)
	}
	page := reader.pages[0]
	if page.rows != 100 || len(reader.prefix.values) > pageBytes/2 {
		t.Fatalf("%d of %d bytes were decoded, of %d rows", len(reader.prefix.values), page.raw, page.rows)
	}
	file[page.offset+page.stored-100] ^= 1 // in the last block
	if reader, err = OpenRows(bytes.NewReader(file), int64(len(file)), "text"); err != nil {
		t.Fatal(err)
	}
	if v, err := reader.At(40); err != nil || !bytes.Equal(v, text.At(40)) {
		t.Errorf("%d bytes, %v", len(v), err)
	}
	if _, err := reader.At(99); err == nil {
		t.Error("a damaged page was read to its end")
	}
	if v, err := reader.At(40); err != nil || !bytes.Equal(v, text.At(40)) {
		t.Errorf("behind the error %d bytes, %v", len(v), err)
	}
}

func FuzzRowReader(f *testing.F) {
	schema := []Column{{Name: "text"}, {Name: "n", Type: Int32}}
	var text Strings
	for _, s := range []string{"文", "", "一二三四五"} {
		text.Append([]byte(s))
	}
	f.Add(writeTable(f, NewParquetWriter, schema, TableOptions{}, 0, &text, []int32{1, 2, 3}), int64(2))
	f.Add([]byte(nil), int64(0))
	f.Fuzz(func(_ *testing.T, file []byte, row int64) {
		reader, err := OpenRows(bytes.NewReader(file), int64(len(file)), "text")
		if err != nil {
			return
		}
		for _, row := range []int64{row, 0, reader.Rows() - 1} {
			_, _ = reader.At(row) // must not panic
		}
	})
}

func FuzzUnpack(f *testing.F) {
	f.Add(Pack(nil, []byte("一二三四五一二三四五")), 30)
	f.Add([]byte(nil), 0)
	f.Fuzz(func(t *testing.T, frames []byte, size int) {
		if out, err := Unpack([]byte("head"), frames, size); err == nil && (len(out) != 4+size || string(out[:4]) != "head") {
			t.Fatalf("%d bytes for %d", len(out), size)
		}
	})
}

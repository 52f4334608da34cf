package columnar

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// pageHeaders walks the pages of every column chunk.
func pageHeaders(t *testing.T, file []byte, f Footer, yield func(column int, h *format.PageHeader)) {
	t.Helper()
	r := bytes.NewReader(file)
	for g := range f.meta.RowGroups {
		for i := range f.meta.RowGroups[g].Columns {
			meta := &f.meta.RowGroups[g].Columns[i].MetaData
			at := meta.DataPageOffset
			if meta.DictionaryPageOffset != 0 {
				at = meta.DictionaryPageOffset
			}
			end := at + meta.TotalCompressedSize
			for at < end {
				h, n, err := readPageHeader(r, at, end)
				if err != nil {
					t.Fatal(err)
				}
				yield(i, h)
				at += int64(n) + int64(h.CompressedPageSize)
			}
			if at != end {
				t.Fatalf("pages of column %d end at %d, the chunk at %d", i, at, end)
			}
		}
	}
}

// G3 and G4: another library finds a required root, required columns, pages V1 of bounded size and plain encodings.
func TestParquetLayout(t *testing.T) {
	columns := newChinese(20).table(5000, 600)
	file := writeTable(t, NewParquetWriter, documents, TableOptions{GroupBytes: 2 << 20}, 777, columns...)
	f, err := ReadFooter(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range f.meta.Schema {
		if !e.RepetitionType.Valid || e.RepetitionType.V != format.Required {
			t.Errorf("schema element %d, %s, is not required", i, e.Name)
		}
	}
	pages := make([]int, len(documents))
	dictionaries := 0
	pageHeaders(t, file, f, func(column int, h *format.PageHeader) {
		pages[column]++
		if h.UncompressedPageSize > pageBytes {
			t.Errorf("column %d has a page of %d bytes", column, h.UncompressedPageSize)
		}
		switch h.Type {
		case format.DictionaryPage:
			dictionaries++
			if h.DictionaryPageHeader.V.Encoding != format.Plain {
				t.Errorf("column %d has a dictionary in %v", column, h.DictionaryPageHeader.V.Encoding)
			}
		case format.DataPage:
			if e := h.DataPageHeader.V.Encoding; e != format.Plain && e != format.RLEDictionary {
				t.Errorf("column %d has a page in %v", column, e)
			}
		default:
			t.Errorf("column %d has a page of type %v", column, h.Type)
		}
	})
	if pages[1] < 4 {
		t.Errorf("text has only %d pages: the test does not test", pages[1])
	}
	if dictionaries != len(f.meta.RowGroups) {
		t.Errorf("%d dictionaries in %d row groups, want one of path in each", dictionaries, len(f.meta.RowGroups))
	}
	for g := range f.meta.RowGroups {
		for i := range f.meta.RowGroups[g].Columns {
			m := &f.meta.RowGroups[g].Columns[i].MetaData
			if m.Codec != format.Zstd {
				t.Errorf("column %d is compressed by %v", i, m.Codec)
			}
			if has := m.Statistics.MinValue != nil; has != documents[i].Statistics {
				t.Errorf("column %d has statistics: %v, want %v", i, has, documents[i].Statistics)
			}
		}
	}
}

// G6: statistics are the least and greatest values of each row group, signed for numbers.
func TestParquetStatistics(t *testing.T) {
	schema := []Column{
		{Name: "s", Type: String, Statistics: true},
		{Name: "d", Type: String, Statistics: true, Dictionary: true},
		{Name: "i", Type: Int32, Statistics: true},
		{Name: "l", Type: Int64, Statistics: true},
		{Name: "long", Type: String, Statistics: true},
	}
	var s, d, long Strings
	for _, v := range []string{"b", "", "乙", "a", "b", "b"} {
		s.Append([]byte(v))
		d.Append([]byte(v))
		long.Append(bytes.Repeat([]byte("x"), 5000))
	}
	file := writeTable(t, NewParquetWriter, schema, TableOptions{}, 2,
		&s, &d, []int32{5, -7, 0, 2, 9, 1}, []int64{5, 1 << 40, 0, -1 << 40, 9, 1}, &long)
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, chunk := range f.RowGroups()[0].ColumnChunks() {
		low, up, ok := chunk.(*parquet.FileColumnChunk).Bounds()
		got = append(got, fmt.Sprint(low, " ", up, " ", ok))
	}
	want := []string{" 乙 true", " 乙 true", "-7 9 true", "-1099511627776 1099511627776 true", "<null> <null> false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("bounds differ (-want +got):\n%s", diff)
	}
}

// G4: Arrow files have required columns and no dictionaries. G5: no record batch is beyond the limit.
func TestArrowLayout(t *testing.T) {
	const limit = 100_000
	columns := newChinese(21).table(2000, 300)
	pairs := map[string]string{"b": "2", "a": "1"}
	file := writeTable(t, NewArrowWriter, documents, TableOptions{GroupBytes: limit, Metadata: pairs}, 333, columns...)
	r, err := ipc.NewFileReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	for i, field := range r.Schema().Fields() {
		if field.Nullable || field.Name != documents[i].Name || field.Type != documents[i].Type.arrow() {
			t.Errorf("field %d is %v", i, field)
		}
	}
	if d := cmp.Diff(pairs, r.Schema().Metadata().ToMap()); d != "" {
		t.Errorf("metadata differ (-want +got):\n%s", d)
	}
	var text Strings
	cut := newRowCutter(documents, limit)
	for i := range r.NumRecords() {
		record, err := r.Record(i)
		if err != nil {
			t.Fatal(err)
		}
		column := record.Column(1).(*array.String)
		for j := range column.Len() {
			text.Append([]byte(column.Value(j)))
		}
		end := text.Len()
		if n := cut.size(columns, end-column.Len(), end); n > limit {
			t.Errorf("record batch %d has %d raw bytes", i, n)
		}
	}
	if d := tableDiff(columns[1:2], []any{&text}); d != "" {
		t.Error(d)
	}
}

// G5: row groups are as full as the limit allows and never fuller, except for a single row that is larger.
func TestParquetGroupLimit(t *testing.T) {
	const limit = 20_000
	columns := newChinese(22).table(400, 300)
	columns[1].(*Strings).Append(bytes.Repeat([]byte("長"), limit))
	columns = []any{columns[1], append(columns[4].([]int64), 1)}
	schema := []Column{{Name: "text"}, {Name: "offset", Type: Int64}}
	file := writeTable(t, NewParquetWriter, schema, TableOptions{GroupBytes: limit}, 64, columns...)
	f, err := ReadFooter(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	cut := newRowCutter(schema, limit)
	from := 0
	for g := range f.meta.RowGroups {
		to := from + int(f.meta.RowGroups[g].NumRows)
		if n := cut.size(columns, from, to); n > limit && to-from > 1 {
			t.Errorf("row group %d has %d raw bytes", g, n)
		}
		if to < int(f.Rows) && cut.size(columns, from, to+1) <= limit {
			t.Errorf("row group %d could hold a row more", g)
		}
		from = to
	}
	if from != 401 {
		t.Errorf("%d rows, want 401", from)
	}
}

// G5: more row groups than the footer can number are an error.
func TestParquetTooManyGroups(t *testing.T) {
	for _, before := range []int{math.MaxInt16 - 2, math.MaxInt16 - 1} {
		w, err := newParquetWriter(io.Discard, []Column{{Name: "n", Type: Int32}}, TableOptions{GroupBytes: 1}, memory.DefaultAllocator)
		if err != nil {
			t.Fatal(err)
		}
		w.groups = before
		_ = w.Write([]int32{1, 2})
		if _, err := w.Finish(); (err != nil) != (before == math.MaxInt16-1) {
			t.Errorf("Finish after %d groups: %v", before, err)
		}
	}
}

// G7: the registered codec is ours, and does not make an encoder for each page.
func TestZstdIsPooled(t *testing.T) {
	if err := registerCodecs(); err != nil {
		t.Fatal(err)
	}
	codec, err := compress.GetCodec(compress.Codecs.Zstd)
	if err != nil {
		t.Fatal(err)
	}
	if _, ours := codec.(pageCodec); !ours {
		t.Fatalf("the registered codec is a %T", codec)
	}
	page := newChinese(23).text(nil, 20_000)
	dst := make([]byte, codec.CompressBound(int64(len(page))))
	for _, level := range []int{1, 3, 9} {
		encode := func() { codec.EncodeLevel(dst, page, level) }
		encode()
		if n := testing.AllocsPerRun(10, encode); n > 2 {
			t.Errorf("level %d: %v allocations a page", level, n)
		}
		if got := codec.Decode(make([]byte, len(page)), codec.EncodeLevel(dst, page, level)); !bytes.Equal(got, page) {
			t.Errorf("level %d: a page does not come back", level)
		}
	}
}

// G7: a flipped bit anywhere in a written file is noticed, or does no harm to the rows.
func TestParquetFlippedBit(t *testing.T) {
	columns := newChinese(24).table(20, 20)
	file := writeTable(t, NewParquetWriter, documents, TableOptions{GroupBytes: 1000}, 0, columns...)
	want, err := readTable(file, names(documents)...)
	if err != nil {
		t.Fatal(err)
	}
	noticed := 0
	for i := 0; i < len(file); i += 2 {
		damaged := slices.Clone(file)
		damaged[i] ^= 1 << (i % 8)
		got, err := readTable(damaged, names(documents)...)
		if err != nil {
			noticed++
		} else if d := tableDiff(want, got); d != "" {
			t.Errorf("a flipped bit at %d of %d went unnoticed: %s", i, len(file), d)
		}
	}
	if noticed < len(file)/4 {
		t.Errorf("only %d of %d flipped bits were noticed", noticed, len(file)/2)
	}
}

// What the Arrow library allocates is released.
func TestTablesReleaseMemory(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	columns := newChinese(25).table(500, 100)
	for _, start := range []newWriter{
		func(w io.Writer, s []Column, o TableOptions) (TableWriter, error) {
			return newParquetWriter(w, s, o, mem)
		},
		func(w io.Writer, s []Column, o TableOptions) (TableWriter, error) {
			return newArrowWriter(w, s, o, mem)
		},
	} {
		writeTable(t, start, documents, TableOptions{GroupBytes: 30_000}, 50, columns...)
	}
}

// Rows cost no allocation of their own, whatever their number.
func TestParquetWriteAllocations(t *testing.T) {
	c := newChinese(26)
	b := c.batch(0, 2000, 100)
	schema := []Column{{Name: "text"}, {Name: "file", Type: Int32}, {Name: "meta", Dictionary: true}}
	var same Strings
	for range 2000 {
		same.Append([]byte("same"))
	}
	w, err := NewParquetWriter(io.Discard, schema, TableOptions{GroupBytes: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	columns := []any{&b.Text, b.File, &same}
	n := testing.AllocsPerRun(50, func() {
		if err := w.Write(columns...); err != nil {
			t.Fatal(err)
		}
	})
	if n > 20 {
		t.Errorf("%v allocations for 2000 rows", n)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestThriftLength(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	file := writeTable(t, NewParquetWriter, documents, TableOptions{}, 0, newChinese(27).table(10, 10)...)
	f, err := ReadFooter(bytes.NewReader(file), int64(len(file)))
	if err != nil || f.Rows != 10 {
		t.Fatal(f.Rows, err)
	}
	huge := []byte{0xFF, 0xFF, 0xFF, 0xFF, 0x07}
	tests := map[string]struct {
		b    []byte
		want string
	}{
		"nothing":      {nil, "cut off"},
		"long string":  {append([]byte{0x18}, huge...), "cut off"},
		"long list":    {append([]byte{0x19, 0xFC}, huge...), "cut off"},
		"many structs": {append([]byte{0x19, 0xFC, 0x80, 0x80, 0x10}, make([]byte, 1<<19)...), "claims"},
		"deep":         {bytes.Repeat([]byte{0x1C}, 1000), "too deeply"},
		"map":          {[]byte{0x1B, 0x01}, "unexpected type"},
		"endless int":  {append([]byte{0x15}, bytes.Repeat([]byte{0xFF}, 11)...), "64 bits"},
	}
	for name, test := range tests {
		if n, err := thriftLength(test.b); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %d, %v, want %q", name, n, err, test.want)
		}
	}
	for range 10_000 { // must not panic
		b := make([]byte, r.IntN(40))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		if n, err := thriftLength(b); err == nil && n > len(b) {
			t.Fatalf("%d of %d bytes", n, len(b))
		}
	}
}

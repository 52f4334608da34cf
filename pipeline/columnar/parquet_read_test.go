package columnar

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	pq "github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/format"
)

// foreignRow is what other writers make: optional columns, other types, lists.
type foreignRow struct {
	Text   string   `parquet:"text"`
	Maybe  *string  `parquet:"maybe,optional"`
	Delta  string   `parquet:"delta,delta"`
	Lang   string   `parquet:"lang,dict"`
	Number *int64   `parquet:"number,optional"`
	Small  int32    `parquet:"small,delta"`
	Fixed  [4]byte  `parquet:"fixed"`
	Score  float64  `parquet:"score"`
	Tags   []string `parquet:"tags,list"`
}

func foreignFile(t testing.TB, rows int, options ...parquet.WriterOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[foreignRow](&out, options...)
	c := newChinese(30)
	for i := range rows {
		text := string(c.text(nil, 50))
		r := foreignRow{
			Text: text, Delta: text[:1+i%7], Lang: []string{"zh", "en", ""}[i%3], Small: int32(i), Fixed: [4]byte{'f', byte(i)},
			Tags: []string{"a", "b"},
		}
		if i%2 == 0 {
			n := int64(i)
			r.Maybe, r.Number = &text, &n
		}
		if _, err := w.Write([]foreignRow{r}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

var foreignColumns = []string{"number", "text", "maybe", "delta", "lang", "small", "fixed"}

func TestReadForeignParquet(t *testing.T) {
	for _, codec := range []pq.Codec{&parquet.Uncompressed, &parquet.Snappy, &parquet.Gzip, &parquet.Zstd} {
		for _, version := range []int{1, 2} {
			t.Run(fmt.Sprint(codec, version), func(t *testing.T) {
				const rows = 2000
				file := foreignFile(t, rows, parquet.Compression(codec), parquet.DataPageVersion(version),
					parquet.PageBufferSize(10_000), parquet.MaxRowsPerRowGroup(700))
				got, err := readTable(file, foreignColumns...)
				if err != nil {
					t.Fatal(err)
				}
				c := newChinese(30)
				var text, maybe, delta, lang, fixed Strings
				number, small := []int64{}, []int32{}
				for i := range rows {
					v := c.text(nil, 50)
					text.Append(v)
					delta.Append(v[:1+i%7])
					lang.Append([]byte([]string{"zh", "en", ""}[i%3]))
					small = append(small, int32(i))
					fixed.Append([]byte{'f', byte(i), 0, 0})
					if i%2 == 0 {
						maybe.Append(v)
						number = append(number, int64(i))
					} else {
						maybe.Seal()
						number = append(number, 0)
					}
				}
				if d := tableDiff([]any{number, &text, &maybe, &delta, &lang, small, &fixed}, got); d != "" {
					t.Error(d)
				}
			})
		}
	}
}

func TestReadTableRefuses(t *testing.T) {
	file := foreignFile(t, 10)
	brotli := foreignFile(t, 10, parquet.Compression(&parquet.Brotli))
	lz4 := foreignFile(t, 10, parquet.Compression(&parquet.Lz4Raw))
	tests := map[string]struct {
		file   []byte
		column string
		want   string
	}{
		"no such column": {file, "texts", `no column "texts": there are text, maybe`},
		"no column":      {file, "", "no columns"},
		"a list":         {file, "tags", "list or a structure"},
		"a float":        {file, "score", "not supported"},
		"brotli":         {brotli, "text", "BROTLI is not supported"},
		"lz4":            {lz4, "maybe", "LZ4_RAW is not supported where there may be nulls"},
		"no file":        {nil, "text", "too few"},
		"not Parquet":    {bytes.Repeat([]byte("text"), 100), "text", "end mark"},
		"cut":            {file[:len(file)-1], "text", "end mark"},
		"large footer":   {append([]byte(parquetMagic), "\xff\xff\xff\xffPAR1"...), "text", "a footer of"},
		"no footer":      {[]byte("PAR1\x00\x00\x00\x00PAR1"), "text", "cut off"},
		"empty footer":   {[]byte("PAR1\x00\x01\x00\x00\x00PAR1"), "text", ""},
	}
	for name, test := range tests {
		if _, err := readTable(test.file, strings.Fields(test.column)...); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func TestReadTableYield(t *testing.T) {
	schema := []Column{{Name: "text"}, {Name: "n", Type: Int32}}
	var text Strings
	var n []int32
	for i := range 10_000 {
		text.Append(bytes.Repeat([]byte("字"), 10+i/10))
		n = append(n, int32(i))
	}
	file := writeTable(t, NewParquetWriter, schema, TableOptions{}, 0, &text, n)
	want := errors.New("enough")
	calls, rows := 0, 0
	err := ReadTable(bytes.NewReader(file), int64(len(file)), Selection{Text: []string{"text"}}, nil, func(f *Frame) error {
		calls++
		rows += f.Rows()
		if k := f.Text("text"); k.Len() > readRows || len(k.Data) > readBytes+4000 {
			t.Errorf("a chunk of %d rows, %d bytes", k.Len(), len(k.Data))
		}
		if calls == 3 {
			return want
		}
		return nil
	})
	if err != want || calls != 3 { //nolint:errorlint // The error must come back as it is.
		t.Errorf("%d calls, %d rows, %v", calls, rows, err)
	}
}

// G8: damaged files give an error, or other rows where nothing protects them; never a panic that gets out.
func TestReadDamagedParquet(t *testing.T) {
	files := [][]byte{
		writeTable(t, NewParquetWriter, documents, TableOptions{GroupBytes: 20_000}, 0, newChinese(31).table(200, 100)...),
		foreignFile(t, 200, parquet.Compression(&parquet.Uncompressed), parquet.PageBufferSize(2000)),
		foreignFile(t, 200, parquet.Compression(&parquet.Uncompressed), parquet.DataPageVersion(2)),
		foreignFile(t, 200, parquet.Compression(&parquet.Snappy)),
		foreignFile(t, 200, parquet.Compression(&parquet.Gzip)),
		foreignFile(t, 200, parquet.Compression(&parquet.Zstd)),
	}
	r := rand.New(rand.NewPCG(32, 32))
	noticed, unnoticed := 0, 0
	for i, file := range files {
		columns := foreignColumns
		if i == 0 {
			columns = names(documents)
		}
		for n := range 200 {
			damaged := slices.Clone(file)
			from := 0
			if n%2 == 0 { // damage in the footer tells more
				from = len(file) - 8 - int(binary.LittleEndian.Uint32(file[len(file)-8:]))
			}
			for range 3 {
				damaged[from+r.IntN(len(file)-from)] = byte(r.Uint32())
			}
			if _, err := readTable(damaged, columns...); err != nil {
				noticed++
			} else {
				unnoticed++
			}
		}
	}
	if noticed < unnoticed {
		t.Errorf("%d damaged files were noticed, %d not", noticed, unnoticed)
	}
}

// G8: what unpacks beyond the limit is refused before it is unpacked.
func TestCompressionBombs(t *testing.T) {
	const limit = 1 << 20
	zeros := make([]byte, limit+1)
	var gz bytes.Buffer
	z, err := gzip.NewWriterLevel(&gz, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(zeros); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	var stream bytes.Buffer
	e, err := zstd.NewWriter(&stream, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Write(zeros); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	one := encode(nil, zeros[:limit/16], 1)
	// A frame of one block of one byte that claims 64 GiB: magic, descriptor (8 bytes of length), length, block.
	liar := []byte{0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0x09, 0, 0, 'x'}
	tests := map[string]struct {
		data  []byte
		codec format.CompressionCodec
	}{
		"zstd, lying":       {liar, format.Zstd},
		"gzip":              {gz.Bytes(), format.Gzip},
		"snappy":            {snappy.Encode(nil, zeros), format.Snappy},
		"zstd":              {stream.Bytes(), format.Zstd},
		"zstd, many frames": {bytes.Repeat(one, 17), format.Zstd},
		"not zstd":          {[]byte("not zstd at all"), format.Zstd},
		"not gzip":          {bytes.Repeat([]byte("not gzip"), 100_000), format.Gzip},
	}
	for name, test := range tests {
		body := io.NewSectionReader(bytes.NewReader(test.data), 0, int64(len(test.data)))
		if err := checkCompressed(body, test.codec, limit); err == nil {
			t.Errorf("%s: %d bytes were let through", name, len(test.data))
		}
	}
	good := map[string]struct {
		data  []byte
		codec format.CompressionCodec
	}{
		"gzip":   {gz.Bytes()[:10], format.Gzip},
		"snappy": {snappy.Encode(nil, zeros[:1000]), format.Snappy},
		"zstd":   {bytes.Repeat(one, 16), format.Zstd},
		"text":   {encode(nil, newChinese(33).text(nil, 300_000), 3), format.Zstd},
	}
	for name, test := range good {
		body := io.NewSectionReader(bytes.NewReader(test.data), 0, int64(len(test.data)))
		if err := checkCompressed(body, test.codec, limit); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// G8: sizes in page headers and footers are looked at before they are believed.
func TestCheckPage(t *testing.T) {
	body := io.NewSectionReader(bytes.NewReader(make([]byte, 100)), 0, 100)
	meta := &format.ColumnMetaData{Type: format.ByteArray, Codec: format.Uncompressed}
	data := func(values int32, size int32) *format.PageHeader {
		h := &format.PageHeader{Type: format.DataPage, UncompressedPageSize: size, CompressedPageSize: 100}
		h.DataPageHeader.Valid = true
		h.DataPageHeader.V.NumValues = values
		return h
	}
	dict := func(values int32) *format.PageHeader {
		h := &format.PageHeader{Type: format.DictionaryPage, UncompressedPageSize: 100, CompressedPageSize: 100}
		h.DictionaryPageHeader.Valid = true
		h.DictionaryPageHeader.V.NumValues = values
		return h
	}
	v2 := func(levels, nulls int32) *format.PageHeader {
		h := &format.PageHeader{Type: format.DataPageV2, UncompressedPageSize: 100, CompressedPageSize: 100}
		h.DataPageHeaderV2.Valid = true
		h.DataPageHeaderV2.V.NumValues = 10
		h.DataPageHeaderV2.V.NumNulls = nulls
		h.DataPageHeaderV2.V.DefinitionLevelsByteLength = levels
		return h
	}
	good := map[string]*format.PageHeader{"page": data(10, 100), "dictionary": dict(25), "v2": v2(100, 10)}
	for name, h := range good {
		if _, err := checkPage(body, meta, h); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := map[string]*format.PageHeader{
		"values": data(1<<31-1, 100), "minus values": data(-1, 100), "size": data(1, 1<<31-1), "minus size": data(1, -1),
		"dictionary": dict(26), "minus dictionary": dict(-1), "levels": v2(101, 0), "minus levels": v2(-1, 0), "nulls": v2(0, 11),
		"no header": {Type: format.DataPage}, "index": {Type: format.IndexPage},
	}
	for name, h := range bad {
		if _, err := checkPage(body, meta, h); err == nil {
			t.Errorf("%s went through", name)
		}
	}
	chunks := map[string]format.ColumnMetaData{
		"offset":   {DataPageOffset: 101, Codec: format.Uncompressed},
		"minus":    {DataPageOffset: -1, Codec: format.Uncompressed},
		"length":   {DataPageOffset: 50, TotalCompressedSize: 51, Codec: format.Uncompressed},
		"overflow": {DataPageOffset: 50, TotalCompressedSize: 1<<63 - 1, Codec: format.Uncompressed},
		"no pages": {NumValues: 1, Codec: format.Uncompressed},
	}
	for name, c := range chunks {
		if err := checkChunk(bytes.NewReader(make([]byte, 100)), 100, &c); err == nil {
			t.Errorf("chunk with bad %s went through", name)
		}
	}
}

func TestFooterColumns(t *testing.T) {
	file := foreignFile(t, 1)
	f, err := ReadFooter(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"text", "maybe", "delta", "lang", "number", "small", "fixed", "score", "tags"}
	if d := cmp.Diff(want, f.Columns); d != "" {
		t.Errorf("columns differ (-want +got):\n%s", d)
	}
}

func FuzzReadTable(f *testing.F) {
	schema := []Column{{Name: "text"}, {Name: "lang", Dictionary: true}, {Name: "small", Type: Int32}}
	var text, lang Strings
	text.Append([]byte("文"))
	lang.Append([]byte("zh"))
	f.Add(writeTable(f, NewParquetWriter, schema, TableOptions{}, 0, &text, &lang, []int32{1}))
	f.Add(foreignFile(f, 2, parquet.Compression(&parquet.Uncompressed)))
	f.Add(foreignFile(f, 2, parquet.Compression(&parquet.Snappy), parquet.DataPageVersion(2)))
	f.Fuzz(func(_ *testing.T, file []byte) {
		for _, columns := range [][]string{{"text", "lang", "small"}, {"maybe", "number", "fixed"}} {
			_, _ = readTable(file, columns...) // must not panic
		}
	})
}

// Row groups that are not wanted are not read, and the numbers of rows are those of the file.
func TestReadGroups(t *testing.T) {
	var out bytes.Buffer
	schema := []Column{{Name: "path", Type: String, Dictionary: true, Statistics: true}, {Name: "n", Type: Int32}}
	w, err := NewParquetWriter(&out, schema, TableOptions{GroupBytes: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var paths Strings
	var numbers []int32
	for i := range 300 {
		paths.Append(fmt.Appendf(nil, "file-%03d", i/30))
		numbers = append(numbers, int32(i))
	}
	if err := w.Write(&paths, numbers); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	data := bytes.NewReader(out.Bytes())
	for _, test := range []struct {
		path  string
		found int
	}{{"file-000", 30}, {"file-004", 30}, {"file-009", 30}, {"file-0045", 0}, {"a", 0}, {"z", 0}} {
		read, found := 0, 0
		want := func(g *RowGroup) bool {
			if !g.MayHold("n", "x") || !g.MayHold("absent", "x") {
				t.Error("a column without bounds excludes a row group")
			}
			return g.MayHold("path", test.path)
		}
		err := ReadTable(data, data.Size(), Selection{Text: []string{"path"}, Int: []string{"n"}}, want, func(f *Frame) error {
			for i, n := range f.Int("n") {
				if row := f.First() + int64(i); n != row {
					t.Errorf("row %d has the number %d", row, n)
				}
				read++
				if string(f.Text("path").At(i)) == test.path {
					found++
				}
			}
			return nil
		})
		if err != nil || found != test.found || read > 160 {
			t.Errorf("%s: found %d in %d rows, %v", test.path, found, read, err)
		}
	}
}

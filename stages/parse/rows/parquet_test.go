package rows

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

func parquetFileOf[T any](t testing.TB, rows []T, options ...parquet.WriterOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[T](&out, options...)
	for i := range rows { // one by one, or pages become larger than asked for
		if _, err := w.Write(rows[i : i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type sampleRow struct {
	Text  string  `parquet:"text"`
	Lang  string  `parquet:"lang,dict"`
	Maybe *string `parquet:"maybe,optional"`
	N     int64   `parquet:"n,delta"`
}

// parquetSample has three row groups where it has 3000 rows.
func parquetSample(t testing.TB, n int, options ...parquet.WriterOption) []byte {
	rows := make([]sampleRow, n)
	for i := range rows {
		rows[i] = sampleRow{Text: sampleText(i), Lang: []string{"zh", "en"}[i%2], N: int64(i * i)}
		if i%3 == 0 {
			rows[i].Maybe = &rows[i].Text
		}
	}
	return parquetFileOf(t, rows, append([]parquet.WriterOption{parquet.MaxRowsPerRowGroup(1000), parquet.PageBufferSize(4000)}, options...)...)
}

func sampleRows(n int) []string {
	var rows []string
	for i := range n {
		text := string(appendText(nil, []byte(sampleText(i))))
		maybe := "null"
		if i%3 == 0 {
			maybe = text
		}
		rows = append(rows, fmt.Sprintf(`{"text":%s,"lang":"%s","maybe":%s,"n":%d}`, text, []string{"zh", "en"}[i%2], maybe, i*i))
	}
	return rows
}

func TestParquetCodecs(t *testing.T) {
	for _, codec := range []compress.Codec{&parquet.Uncompressed, &parquet.Snappy, &parquet.Gzip, &parquet.Zstd, &parquet.Lz4Raw, &parquet.Brotli} {
		for _, version := range []int{1, 2} {
			t.Run(fmt.Sprint(codec, version), func(t *testing.T) {
				wantRows(t, Parquet, parquetSample(t, 3000, parquet.Compression(codec), parquet.DataPageVersion(version)), sampleRows(3000)...)
			})
		}
	}
	for _, codec := range []format.CompressionCodec{format.LZO, format.Lz4, 99} {
		if supported(codec) {
			t.Errorf("%s is not read", codec)
		}
	}
}

// TestBrotliMemory: the window of a decoder counts, and what unpacks to another size than was said is damaged.
func TestBrotliMemory(t *testing.T) {
	file := parquetSample(t, 3000, parquet.Compression(&parquet.Brotli))
	if _, err := readAll(t, Parquet, file, Limits{MemoryBytes: 8 << 20}); !errors.Is(err, ErrMemory) {
		t.Error(err)
	}
	var packed bytes.Buffer
	w := brotli.NewWriter(&packed)
	if _, err := w.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, 1<<20 - 1, 1<<20 + 1} {
		u := unpacker{limit: 64 << 20}
		if err := u.decode(make([]byte, size), packed.Bytes(), format.Brotli); err == nil {
			t.Errorf("unpacked to %d bytes", size)
		}
	}
}

type item struct {
	Key   string   `parquet:"key"`
	Tags  []string `parquet:"tags,list"`
	Score *float64 `parquet:"score,optional"`
}

type nestedRow struct {
	ID    int32            `parquet:"id"`
	List  []string         `parquet:"list,list"`
	Plain []int64          `parquet:"plain"`
	Items []item           `parquet:"items"`
	Lists [][]int32        `parquet:"lists,list"`
	Map   map[string]int64 `parquet:"map"`
	Deep  map[int32][]item `parquet:"deep,optional"`
	Inner *struct {
		A *struct {
			B *string `parquet:"b,optional"`
		} `parquet:"a,optional"`
	} `parquet:"inner,optional"`
}

func nestedRows() ([]nestedRow, []string) {
	b, f := "値", 0.5
	full := nestedRow{
		ID: 1, List: []string{"a", "", "\"c\""}, Plain: []int64{1, -2}, Lists: [][]int32{{1, 2}, {}, {3}}, Map: map[string]int64{"k\n": 7},
		Items: []item{{Key: "x", Tags: []string{"t", "u"}}, {Key: "y", Score: &f}}, Deep: map[int32][]item{5: {{Key: "z"}, {Tags: []string{"v"}}}},
	}
	type inner = struct {
		A *struct {
			B *string `parquet:"b,optional"`
		} `parquet:"a,optional"`
	}
	type a = struct {
		B *string `parquet:"b,optional"`
	}
	full.Inner = &inner{&a{&b}}
	rows := []nestedRow{full, {ID: 2}, {ID: 3, Inner: &inner{}}, {ID: 4, Inner: &inner{&a{}}, Lists: [][]int32{{}}}}
	return rows, []string{
		`{"id":1,"list":["a","","\"c\""],"plain":[1,-2],"items":[{"key":"x","tags":["t","u"],"score":null},` +
			`{"key":"y","tags":[],"score":0.5}],"lists":[[1,2],[],[3]],"map":{"k\n":7},` +
			`"deep":{"5":[{"key":"z","tags":[],"score":null},{"key":"","tags":["v"],"score":null}]},"inner":{"a":{"b":"値"}}}`,
		`{"id":2,"list":[],"plain":[],"items":[],"lists":[],"map":{},"deep":null,"inner":null}`,
		`{"id":3,"list":[],"plain":[],"items":[],"lists":[],"map":{},"deep":null,"inner":{"a":null}}`,
		`{"id":4,"list":[],"plain":[],"items":[],"lists":[[]],"map":{},"deep":null,"inner":{"a":{"b":null}}}`,
	}
}

func TestParquetNested(t *testing.T) {
	pipelinetest.Long(t)
	rows, want := nestedRows()
	for _, version := range []int{1, 2} {
		wantRows(t, Parquet, parquetFileOf(t, rows, parquet.DataPageVersion(version)), want...)
	}
	var many []nestedRow
	var wantMany []string
	for range 2000 { // lists that go over the ends of pages
		many, wantMany = append(many, rows...), append(wantMany, want...)
	}
	for _, version := range []int{1, 2} {
		wantRows(t, Parquet, parquetFileOf(t, many, parquet.DataPageVersion(version), parquet.PageBufferSize(500)), wantMany...)
	}
}

func TestParquetTypes(t *testing.T) {
	type row struct {
		Bool  bool             `parquet:"bool"`
		U32   uint32           `parquet:"u32"`
		U64   uint64           `parquet:"u64"`
		I8    int8             `parquet:"i8"`
		F32   float32          `parquet:"f32"`
		F64   float64          `parquet:"f64"`
		Split float64          `parquet:"split,split"`
		Bytes []byte           `parquet:"bytes"`
		Fixed [3]byte          `parquet:"fixed"`
		UUID  [16]byte         `parquet:"uuid,uuid"`
		Date  int32            `parquet:"date,date"`
		TS    time.Time        `parquet:"ts,timestamp(microsecond)"`
		Time  time.Duration    `parquet:"time,time(nanosecond)"`
		D32   int32            `parquet:"d32,decimal(3:9)"`
		D64   int64            `parquet:"d64,decimal(2:18)"`
		D16   [16]byte         `parquet:"d16,decimal(5:38)"`
		Old   deprecated.Int96 `parquet:"old"`
		Enum  string           `parquet:"enum,enum"`
		JSON  string           `parquet:"json,json"`
		Delta string           `parquet:"delta,delta"`
		I32   int32            `parquet:"i32,delta"`
	}
	minus := [16]byte{}
	for i := range minus {
		minus[i] = 0xFF
	}
	rows := []row{{
		Bool: true, U32: math.MaxUint32, U64: math.MaxUint64, I8: -8, F32: 0.1, F64: 1e300, Split: -2.5, Bytes: []byte("字\xff"),
		Fixed: [3]byte{'a', 'b', 'c'}, UUID: [16]byte{0x12, 0x34, 15: 0xEF}, Date: 19753, TS: time.Date(2024, 1, 31, 12, 0, 0, 5e6, time.UTC),
		Time: time.Hour + time.Nanosecond, D32: -5, D64: 123456, D16: minus, Old: deprecated.Int96{0, 0, 2440589}, Enum: "E", JSON: `{"a":1}`,
		Delta: "prefix one", I32: math.MinInt32,
	}, {
		F32: float32(math.Inf(1)), F64: math.NaN(), Split: 3, Date: -1, TS: time.Unix(-1, 0), Delta: "prefix two", I32: math.MaxInt32,
	}}
	wantRows(t, Parquet, parquetFileOf(t, rows),
		`{"bool":true,"u32":4294967295,"u64":18446744073709551615,"i8":-8,"f32":0.1,"f64":1e+300,"split":-2.5,"bytes":"字�","fixed":"abc",`+
			`"uuid":"12340000-0000-0000-0000-0000000000ef","date":"2024-01-31","ts":"2024-01-31T12:00:00.005Z","time":"01:00:00.000000001",`+
			`"d32":"-0.005","d64":"1234.56","d16":"-0.00001","old":"1970-01-02T00:00:00","enum":"E","json":"{\"a\":1}","delta":"prefix one",`+
			`"i32":-2147483648}`,
		`{"bool":false,"u32":0,"u64":0,"i8":0,"f32":null,"f64":null,"split":3,"bytes":"","fixed":"\u0000\u0000\u0000",`+
			`"uuid":"00000000-0000-0000-0000-000000000000","date":"1969-12-31","ts":"1969-12-31T23:59:59Z","time":"00:00:00",`+
			`"d32":"0.000","d64":"0.00","d16":"0.00000","old":"-4713-11-24T00:00:00","enum":"","json":"","delta":"prefix two","i32":2147483647}`)
}

// Encodings that the schema asks for, over many pages.
func TestParquetEncodings(t *testing.T) {
	nodes := map[string]parquet.Node{
		"plain":  parquet.Encoded(parquet.String(), &parquet.Plain),
		"length": parquet.Encoded(parquet.String(), &parquet.DeltaLengthByteArray),
		"prefix": parquet.Encoded(parquet.String(), &parquet.DeltaByteArray),
		"dict":   parquet.Encoded(parquet.String(), &parquet.RLEDictionary),
		"maybe":  parquet.Optional(parquet.Encoded(parquet.String(), &parquet.DeltaByteArray)),
		"delta":  parquet.Encoded(parquet.Int(64), &parquet.DeltaBinaryPacked),
		"small":  parquet.Encoded(parquet.Int(32), &parquet.DeltaBinaryPacked),
		"flag":   parquet.Optional(parquet.Encoded(parquet.Leaf(parquet.BooleanType), &parquet.RLE)),
	}
	for name, node := range nodes {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			w := parquet.NewWriter(&out, parquet.NewSchema("s", parquet.Group{"v": node}), parquet.PageBufferSize(1000))
			var want []string
			for i := range 5000 {
				var v parquet.Value
				switch {
				case node.Optional() && i%5 == 0:
					v = parquet.NullValue()
					want = append(want, `{"v":null}`)
				case node.Type().Kind() == parquet.ByteArray:
					s := fmt.Sprintf("%s%d", strings.Repeat("p", i%70), i/9)
					v = parquet.ByteArrayValue([]byte(s))
					want = append(want, `{"v":"`+s+`"}`)
				case node.Type().Kind() == parquet.Boolean:
					v = parquet.BooleanValue(i%17 < 9)
					want = append(want, fmt.Sprintf(`{"v":%t}`, i%17 < 9))
				default:
					n := int64(i*i%1000) - int64(i)<<uint(i%20)
					v = parquet.Int64Value(n)
					if node.Type().Kind() == parquet.Int32 {
						v, n = parquet.Int32Value(int32(n)), int64(int32(n))
					}
					want = append(want, fmt.Sprintf(`{"v":%d}`, n))
				}
				def := 0
				if node.Optional() && !v.IsNull() {
					def = 1
				}
				if _, err := w.WriteRows([]parquet.Row{{v.Level(0, def, 0)}}); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			wantRows(t, Parquet, out.Bytes(), want...)
		})
	}
}

// What columnar writes comes back.
func TestParquetOfOurs(t *testing.T) {
	schema := []columnar.Column{
		{Name: "id"}, {Name: "text"}, {Name: "path", Dictionary: true, Statistics: true}, {Name: "line", Type: columnar.Int32}, {Name: "offset", Type: columnar.Int64},
	}
	var id, text, path columnar.Strings
	var line []int32
	var offset []int64
	var want []string
	for i := range 3000 {
		id.Append(fmt.Appendf(nil, "%x", i))
		text.Append([]byte(sampleText(i)))
		path.Append(fmt.Appendf(nil, "f%d", i/1000))
		line, offset = append(line, int32(i)), append(offset, -int64(i)<<33)
		want = append(want, fmt.Sprintf(`{"id":"%x","text":%s,"path":"f%d","line":%d,"offset":%d}`, i, appendText(nil, []byte(sampleText(i))), i/1000, i, -int64(i)<<33))
	}
	for name, start := range map[string]func(*bytes.Buffer) (columnar.TableWriter, error){
		Parquet: func(b *bytes.Buffer) (columnar.TableWriter, error) {
			return columnar.NewParquetWriter(b, schema, columnar.TableOptions{GroupBytes: 50_000})
		},
		Arrow: func(b *bytes.Buffer) (columnar.TableWriter, error) {
			return columnar.NewArrowWriter(b, schema, columnar.TableOptions{GroupBytes: 50_000})
		},
	} {
		var out bytes.Buffer
		w, err := start(&out)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(&id, &text, &path, line, offset); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Finish(); err != nil {
			t.Fatal(err)
		}
		wantRows(t, name, out.Bytes(), want...)
	}
}

// A row over a limit is refused, with its number, and no other row is.
func TestParquetTooLarge(t *testing.T) {
	type row struct {
		Text string   `parquet:"text"`
		Tags []string `parquet:"tags"`
	}
	rows := make([]row, 50)
	var want []string
	for i := range rows {
		rows[i] = row{Text: strconv.Itoa(i), Tags: []string{"t"}}
		want = append(want, fmt.Sprintf(`{"text":"%d","tags":["t"]}`, i))
	}
	rows[7].Text = strings.Repeat("x", 1001)
	want[7] = "error: 1001 bytes, the limit is 1000: too large"
	for range 1000 {
		rows[20].Tags = append(rows[20].Tags, "tag")
	}
	want[20] = "error: 3001 bytes, the limit is 3000: too large"
	file := parquetFileOf(t, rows, parquet.PageBufferSize(100))
	got, err := readAll(t, Parquet, file, Limits{ValueBytes: 1000, RowBytes: 3000})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("rows differ (-want +got):\n%s", d)
	}
}

// The rows of a page that is over the limit are refused, the pages around it are read.
func TestParquetPageTooLarge(t *testing.T) {
	type row struct {
		N    int32   `parquet:"n"`
		Text *string `parquet:"text,optional"`
	}
	rows := make([]row, 100)
	for i := range rows {
		text := strings.Repeat("y", 500)
		if i == 50 {
			text = strings.Repeat("z", 1<<20)
		}
		rows[i] = row{int32(i), &text}
	}
	file := parquetFileOf(t, rows, parquet.PageBufferSize(5000), parquet.Compression(&parquet.Zstd))
	got, err := readAll(t, Parquet, file, Limits{MemoryBytes: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, r := range got {
		if r == "error: in a page of text: too large" {
			refused++
		}
	}
	if len(got) != 100 || refused == 0 || refused > 20 || !strings.HasPrefix(got[50], "error") || !strings.HasPrefix(got[99], `{"n":99,`) {
		t.Errorf("%d rows, %d refused, %.60s", len(got), refused, got[50])
	}
}

// One value that is stored once and repeated for ever does not fill the disk.
func TestParquetExpansion(t *testing.T) {
	type row struct {
		Text string `parquet:"text,dict"`
	}
	rows := make([]row, 20_000)
	for i := range rows {
		rows[i].Text = strings.Repeat("x", 10_000)
	}
	file := parquetFileOf(t, rows, parquet.Compression(&parquet.Zstd))
	f, err := Open(Parquet, bytes.NewReader(file), int64(len(file)), Limits{Expansion: 10})
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	err = f.Read(t.Context(), 0, func(_ int64, o []byte, _ error) error { total += len(o); return nil })
	if !errors.Is(err, ErrExpansion) || total > freeExpansion+10_000 || total < freeExpansion/2 {
		t.Errorf("%d bytes from %d, %v", total, len(file), err)
	}
}

// Damage in one row group leaves those before and behind it alone, and tells its offset.
func TestParquetDamagedGroup(t *testing.T) {
	file := parquetSample(t, 3000, parquet.Compression(&parquet.Zstd))
	f, err := Open(Parquet, bytes.NewReader(file), int64(len(file)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	g := f.Groups()[1]
	for i := range int64(500) { // headers have statistics, where damage does no harm
		file[g.Offset+g.Bytes/2+i] ^= 0x55
	}
	for i, want := range []bool{true, false, true} {
		rows := int64(0)
		err := f.Read(t.Context(), i, func(int64, []byte, error) error { rows++; return nil })
		if want && (err != nil || rows != 1000) {
			t.Errorf("group %d: %d rows, %v", i, rows, err)
		}
		if d, ok := errors.AsType[*DamageError](err); !want && (!ok || d.Offset < g.Offset || d.Offset >= g.Offset+g.Bytes || rows == 1000) {
			t.Errorf("group %d at %d: %d rows, %v", i, g.Offset, rows, err)
		}
	}
}

func TestHybrid(t *testing.T) {
	h := newHybrid([]byte{6, 5, 3, 0b10_001_000, 0b11_010_001 &^ 0b11, 0}, 3) // a run of three fives, then eight packed numbers
	var got []uint32
	for {
		v, err := h.next()
		if err != nil {
			break
		}
		got = append(got, v)
		if len(got) > 20 {
			t.Fatal("endless")
		}
	}
	if len(got) != 11 || got[0] != 5 || got[2] != 5 || got[4] != 1 {
		t.Error(got)
	}
	for _, width := range []int{1, 7, 13, 31, 33, 57, 63, 64} {
		data := make([]byte, 40)
		for i := range data {
			data[i] = byte(i*37 + 11)
		}
		for bit := 0; bit+width <= len(data)*8; bit++ {
			want := uint64(0)
			for i := range width {
				want |= uint64(data[(bit+i)/8]>>((bit+i)%8)&1) << i
			}
			if v := bitsAt(data, uint64(bit), width); v != want {
				t.Fatalf("%d bits at %d: %x, want %x", width, bit, v, want)
			}
		}
	}
	if v := binary.LittleEndian.Uint64([]byte{1, 2, 3, 4, 5, 6, 7, 8}); bitsAt([]byte{1, 2, 3, 4, 5, 6, 7, 8}, 0, 64) != v {
		t.Error("64 bits at the end")
	}
}

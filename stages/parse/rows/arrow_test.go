package rows

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// seekBuffer is what the writer of the file format asks for.
type seekBuffer struct{ bytes.Buffer }

func (b *seekBuffer) Seek(int64, int) (int64, error) { return int64(b.Len()), nil }

// arrowFileOf writes records as a file or a stream.
func arrowFileOf(t testing.TB, stream bool, schema *arrow.Schema, records []arrow.Record, options ...ipc.Option) []byte {
	t.Helper()
	var out seekBuffer
	options = append(options, ipc.WithSchema(schema))
	var w interface {
		Write(arrow.Record) error
		Close() error
	}
	if stream {
		w = ipc.NewWriter(&out, options...)
	} else {
		f, err := ipc.NewFileWriter(&out, options...)
		if err != nil {
			t.Fatal(err)
		}
		w = f
	}
	for _, r := range records {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

var writings = map[string][]ipc.Option{"plain": nil, "zstd": {ipc.WithZstd()}, "lz4": {ipc.WithLZ4()}}

func sampleRecords(n int) (*arrow.Schema, []arrow.Record) {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "text", Type: arrow.BinaryTypes.String},
		{Name: "lang", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}},
		{Name: "maybe", Type: arrow.BinaryTypes.LargeString, Nullable: true},
		{Name: "n", Type: arrow.PrimitiveTypes.Int64},
	}, nil)
	var records []arrow.Record
	for from := 0; from < n; from += 1000 {
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		for i := from; i < min(n, from+1000); i++ {
			b.Field(0).(*array.StringBuilder).Append(sampleText(i))
			_ = b.Field(1).(*array.BinaryDictionaryBuilder).AppendString([]string{"zh", "en"}[i%2])
			if i%3 == 0 {
				b.Field(2).(*array.LargeStringBuilder).Append(sampleText(i))
			} else {
				b.Field(2).AppendNull()
			}
			b.Field(3).(*array.Int64Builder).Append(int64(i * i))
		}
		records = append(records, b.NewRecord())
	}
	return schema, records
}

func arrowSample(t testing.TB, n int, options ...ipc.Option) []byte {
	schema, records := sampleRecords(n)
	return arrowFileOf(t, false, schema, records, options...)
}

func TestArrowCodecs(t *testing.T) {
	pipelinetest.Long(t)
	schema, records := sampleRecords(3000)
	for name, options := range writings {
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprint(name, stream), func(t *testing.T) {
				file := arrowFileOf(t, stream, schema, records, options...)
				wantRows(t, Arrow, file, sampleRows(3000)...)
				// With little memory buffers are unpacked bit by bit.
				f, err := Open(Arrow, bytes.NewReader(file), int64(len(file)), Limits{MemoryBytes: 4 << 20})
				if err != nil {
					t.Fatal(err)
				}
				a := f.decoder.(*arrowFile)
				var got []string
				for g := range f.Groups() {
					if err := f.Read(t.Context(), g, func(_ int64, o []byte, _ error) error {
						a.pool.window, a.pool.whole = 64, 100
						got = append(got, string(o))
						return nil
					}); err != nil {
						t.Fatal(err)
					}
					if a.pool.held != 0 {
						t.Error("memory is held")
					}
				}
				if d := cmp.Diff(sampleRows(3000), got); d != "" {
					t.Errorf("rows differ (-want +got):\n%s", d)
				}
			})
		}
	}
}

func TestArrowTypes(t *testing.T) {
	fields := []struct {
		name  string
		dt    arrow.DataType
		value string // as array.Builder reads it
		want  string
	}{
		{"null", arrow.Null, "", "null"},
		{"bool", arrow.FixedWidthTypes.Boolean, "true", "true"},
		{"i8", arrow.PrimitiveTypes.Int8, "-8", "-8"},
		{"u8", arrow.PrimitiveTypes.Uint8, "200", "200"},
		{"i16", arrow.PrimitiveTypes.Int16, "-1600", "-1600"},
		{"u16", arrow.PrimitiveTypes.Uint16, "60000", "60000"},
		{"i32", arrow.PrimitiveTypes.Int32, "-32", "-32"},
		{"u32", arrow.PrimitiveTypes.Uint32, "4000000000", "4000000000"},
		{"i64", arrow.PrimitiveTypes.Int64, "-9223372036854775808", "-9223372036854775808"},
		{"u64", arrow.PrimitiveTypes.Uint64, "18446744073709551615", "18446744073709551615"},
		{"f16", arrow.FixedWidthTypes.Float16, "-1.5", "-1.5"},
		{"f32", arrow.PrimitiveTypes.Float32, "0.1", "0.1"},
		{"f64", arrow.PrimitiveTypes.Float64, "NaN", "null"},
		{"text", arrow.BinaryTypes.String, "文\n", `"文\n"`},
		{"large", arrow.BinaryTypes.LargeString, "大", `"大"`},
		{"view", arrow.BinaryTypes.StringView, "short", `"short"`},
		{"views", arrow.BinaryTypes.StringView, "longer than twelve bytes", `"longer than twelve bytes"`},
		{"binary", arrow.BinaryTypes.Binary, "YWL/", `"ab�"`},
		{"fixed", &arrow.FixedSizeBinaryType{ByteWidth: 3}, "YWJj", `"abc"`},
		{"d128", &arrow.Decimal128Type{Precision: 38, Scale: 3}, "-1.005", `"-1.005"`},
		{"d256", &arrow.Decimal256Type{Precision: 60, Scale: 2}, "1234567890123456789012345.67", `"1234567890123456789012345.67"`},
		{"date32", arrow.FixedWidthTypes.Date32, "2024-01-31", `"2024-01-31"`},
		{"date64", arrow.FixedWidthTypes.Date64, "2024-01-31", `"2024-01-31T00:00:00"`},
		{"ts", &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, "2024-01-31 12:00:00.000001", `"2024-01-31T12:00:00.000001Z"`},
		{"local", &arrow.TimestampType{Unit: arrow.Second}, "1969-12-31 23:59:59", `"1969-12-31T23:59:59"`},
		{"time32", arrow.FixedWidthTypes.Time32ms, "01:02:03.004", `"01:02:03.004"`},
		{"time64", arrow.FixedWidthTypes.Time64ns, "01:02:03.000000004", `"01:02:03.000000004"`},
		{"duration", arrow.FixedWidthTypes.Duration_ms, "1500ms", `"PT1.5S"`},
		{"list", arrow.ListOf(arrow.PrimitiveTypes.Int32), "[1,null,3]", "[1,null,3]"},
		{"lists", arrow.LargeListOf(arrow.ListOf(arrow.BinaryTypes.String)), `[["a"],[],null]`, `[["a"],[],null]`},
		{"three", arrow.FixedSizeListOf(3, arrow.PrimitiveTypes.Int8), "[1,2,3]", "[1,2,3]"},
		{"map", arrow.MapOf(arrow.PrimitiveTypes.Int32, arrow.BinaryTypes.String), `[{"key":1,"value":"x"},{"key":2,"value":null}]`, `{"1":"x","2":null}`},
		{"struct", arrow.StructOf(arrow.Field{Name: "a", Type: arrow.PrimitiveTypes.Int8, Nullable: true}, arrow.Field{
			Name: "b", Type: arrow.ListOf(arrow.BinaryTypes.String), Nullable: true,
		}), `{"a":1,"b":["x"]}`, `{"a":1,"b":["x"]}`},
		{"month", arrow.FixedWidthTypes.MonthInterval, `{"months":14}`, `"P14M"`},
		{"daytime", arrow.FixedWidthTypes.DayTimeInterval, `{"days":2,"milliseconds":-1500}`, `"P2DT-1.5S"`},
		{"nano", arrow.FixedWidthTypes.MonthDayNanoInterval, `{"months":1,"days":2,"nanoseconds":3}`, `"P1M2DT0.000000003S"`},
	}
	var schema []arrow.Field
	for _, f := range fields {
		schema = append(schema, arrow.Field{Name: f.name, Type: f.dt, Nullable: true})
	}
	s := arrow.NewSchema(schema, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, s)
	row, empty := []string{}, []string{}
	for i, f := range fields {
		b.Field(i).AppendNull()
		if f.name == "null" {
			b.Field(i).AppendNull()
		} else {
			v := f.value
			if strings.HasPrefix(v, "{") || strings.HasPrefix(v, "[") {
				if err := b.Field(i).UnmarshalJSON([]byte("[" + v + "]")); err != nil {
					t.Fatal(f.name, err)
				}
			} else if err := b.Field(i).AppendValueFromString(v); err != nil {
				t.Fatal(f.name, err)
			}
		}
		row, empty = append(row, `"`+f.name+`":`+f.want), append(empty, `"`+f.name+`":null`)
	}
	records := []arrow.Record{b.NewRecord()}
	for name, options := range writings {
		t.Run(name, func(t *testing.T) {
			wantRows(t, Arrow, arrowFileOf(t, true, s, records, options...), "{"+strings.Join(empty, ",")+"}", "{"+strings.Join(row, ",")+"}")
		})
	}
}

// Records that were sliced, and dictionaries that grow or are replaced from batch to batch.
func TestArrowDictionaries(t *testing.T) {
	dt := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint16, ValueType: arrow.BinaryTypes.String}
	schema := arrow.NewSchema([]arrow.Field{{Name: "d", Type: dt, Nullable: true}, {Name: "l", Type: arrow.ListOf(dt), Nullable: true}}, nil)
	record := func(values ...string) arrow.Record {
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		for i, v := range values {
			if v == "" {
				b.Field(0).AppendNull()
			} else if err := b.Field(0).(*array.BinaryDictionaryBuilder).AppendString(v); err != nil {
				t.Fatal(err)
			}
			l := b.Field(1).(*array.ListBuilder)
			l.Append(true)
			for range i {
				if err := l.ValueBuilder().(*array.BinaryDictionaryBuilder).AppendString(v + "l"); err != nil {
					t.Fatal(err)
				}
			}
		}
		return b.NewRecord()
	}
	a, b, c := record("x", "", "y"), record("x", "", "y", "z"), record("other", "dictionary")
	want := []string{
		`{"d":"x","l":[]}`, `{"d":null,"l":["l"]}`, `{"d":"y","l":["yl","yl"]}`,
		`{"d":null,"l":["l"]}`, `{"d":"y","l":["yl","yl"]}`, `{"d":"z","l":["zl","zl","zl"]}`,
		`{"d":"other","l":[]}`, `{"d":"dictionary","l":["dictionaryl"]}`,
	}
	records := []arrow.Record{a, b.NewSlice(1, 4), c}
	file := arrowFileOf(t, true, schema, records, ipc.WithDictionaryDeltas(true))
	wantRows(t, Arrow, file, want...)
	wantRows(t, Arrow, arrowFileOf(t, true, schema, records), want...)
	f, err := Open(Arrow, bytes.NewReader(file), int64(len(file)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range []int{2, 0, 1, 0} { // in any order
		if err := f.Read(t.Context(), g, func(row int64, o []byte, err error) error {
			if string(o) != want[row] {
				t.Errorf("row %d is %s", row, o)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// A file that ends early gives the record batches in front of the end.
func TestArrowCut(t *testing.T) {
	schema, records := sampleRecords(3000)
	for _, stream := range []bool{false, true} {
		file := arrowFileOf(t, stream, schema, records, ipc.WithZstd())
		f, err := Open(Arrow, bytes.NewReader(file), int64(len(file)), Limits{})
		if err != nil || f.Damage() != nil {
			t.Fatal(err, f.Damage())
		}
		last := f.Groups()[2]
		rows, err := readAll(t, Arrow, file[:last.Offset+last.Bytes-1], Limits{})
		if d, ok := errors.AsType[*DamageError](err); !ok || d.Offset != last.Offset || len(rows) != 2000 {
			t.Errorf("%d rows, %v, want damage at %d", len(rows), err, last.Offset)
		}
	}
}

// TestArrowBehind: streams laid end to end are not taken for the first of them.
func TestArrowBehind(t *testing.T) {
	schema, records := sampleRecords(3000)
	file := arrowFileOf(t, true, schema, records)
	want, err := readAll(t, Arrow, file, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	wantRows(t, Arrow, append(bytes.Clone(file), make([]byte, 100)...), want...)
	got, err := readAll(t, Arrow, append(bytes.Clone(file), file...), Limits{})
	damage, ok := errors.AsType[*DamageError](err)
	if !errors.Is(err, ErrUnsupported) || !ok || damage.Offset != int64(len(file)) || len(got) != len(want) {
		t.Errorf("%d of %d rows, %v", len(got), len(want), err)
	}
}

func TestArrowTooLarge(t *testing.T) {
	for name, dt := range map[string]arrow.DataType{"text": arrow.BinaryTypes.String, "view": arrow.BinaryTypes.StringView} {
		schema := arrow.NewSchema([]arrow.Field{{Name: "t", Type: dt}}, nil)
		for codec, options := range writings {
			t.Run(name+codec, func(t *testing.T) {
				b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
				var want []string
				for i := range 30 {
					v := strings.Repeat(strconv.Itoa(i%10), 100+i)
					want = append(want, `{"t":"`+v+`"}`)
					if i == 11 {
						v = strings.Repeat("x", 1<<20)
						want[i] = "error: 1048576 bytes, the limit is 1000: too large"
					}
					if err := b.Field(0).AppendValueFromString(v); err != nil {
						t.Fatal(err)
					}
				}
				got, err := readAll(t, Arrow, arrowFileOf(t, true, schema, []arrow.Record{b.NewRecord()}, options...), Limits{ValueBytes: 1000})
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("rows differ (-want +got):\n%s", d)
				}
			})
		}
	}
}

func TestArrowUnsupported(t *testing.T) {
	dt := arrow.RunEndEncodedOf(arrow.PrimitiveTypes.Int32, arrow.BinaryTypes.String)
	schema := arrow.NewSchema([]arrow.Field{{Name: "ree", Type: dt}}, nil)
	_, err := readAll(t, Arrow, arrowFileOf(t, true, schema, nil), Limits{})
	if err == nil || !strings.Contains(err.Error(), `column "ree": type 22 of Arrow`) {
		t.Error(err)
	}
}

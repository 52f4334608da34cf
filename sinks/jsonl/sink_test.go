package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func sink(read func(*testing.T, []byte) []pipelinetest.DocumentRow) pipelinetest.Sink {
	return pipelinetest.Sink{
		New: New(Default()),
		Name: func(plan *pipeline.Plan, shard, shards int) string {
			return fmt.Sprintf("jsonl/%06d/train-%05d-of-%05d.jsonl.zst", plan.Version, shard, shards)
		},
		Read: read,
	}
}

func TestSink(t *testing.T) { pipelinetest.TestSink(t, sink(readAny)) }

// readAny reads a shard by other means: one value behind the other, whose keys stand in the order of the columns.
func readAny(t *testing.T, data []byte) (rows []pipelinetest.DocumentRow) {
	t.Helper()
	for line := range bytes.Lines(unpacked(t, data)) {
		if !bytes.HasSuffix(line, []byte("}\n")) {
			t.Errorf("a line is %q", line)
		}
		var row struct {
			pipelinetest.DocumentRow
			Metadata json.RawMessage
		}
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&row); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		row.DocumentRow.Metadata = string(row.Metadata)
		rows = append(rows, row.DocumentRow)
		at := -1
		for _, c := range ingest.DocumentSchema() {
			next := bytes.Index(line, []byte(`"`+c.Name+`":`))
			if next <= at {
				t.Errorf("%s is at %d of %s", c.Name, next, line)
			}
			at = next
		}
	}
	return rows
}

func unpacked(t *testing.T, data []byte) []byte {
	t.Helper()
	dec, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	plain, err := io.ReadAll(dec)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestSinkRead(t *testing.T) { pipelinetest.TestSink(t, sink(pipelinetest.ReadDocuments(Format))) }

func TestConfigValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	for _, level := range []int{0, 23} {
		if (Config{Level: level}).Validate() == nil {
			t.Errorf("level %d passed", level)
		}
	}
}

func TestFormat(t *testing.T) {
	if err := (pipeline.TableFormats{pipeline.ParquetTable, Format}).Check(); err != nil {
		t.Error(err)
	}
}

var schema = []columnar.Column{{Name: "text"}, {Name: "meta", JSON: true}, {Name: "n", Type: columnar.Int64}}

// write makes a file of texts, each with its metadata, in calls of a number of rows.
func write(t testing.TB, level, call int, rows ...[2]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := newWriter(&b, schema, columnar.TableOptions{Level: level})
	if err != nil {
		t.Fatal(err)
	}
	for from := 0; from < len(rows); from += call {
		var text, meta columnar.Strings
		var n []int64
		for i, r := range rows[from:min(from+call, len(rows))] {
			text.Append([]byte(r[0]))
			meta.Append([]byte(r[1]))
			n = append(n, int64(from+i))
		}
		if err := w.Write(&text, &meta, n); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := w.Finish(); err != nil || n != int64(len(rows)) {
		t.Fatalf("%d rows, %v", n, err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	return b.Bytes()
}

// Nothing is escaped but what must be, and metadata stands on the line of its document.
func TestLines(t *testing.T) {
	data := write(t, 1, 1, [2]string{"<b>\"a\\b\"</b>\n\t\b\f\r\x00\x1f\x7f\u2028&/", "{ \"a\" :\n[1, 2.50,\r\n \"x y\\u0041<\"] }"}, [2]string{"", "{}"})
	const want = `{"text":"<b>\"a\\b\"</b>\n\t\b\f\r\u0000\u001f` + "\x7f\u2028" + `&/","meta":{"a":[1,2.50,"x y\u0041<"]},"n":0}` + "\n" +
		`{"text":"","meta":{},"n":1}` + "\n"
	if got := string(unpacked(t, data)); got != want {
		t.Errorf("%s", got)
	}
}

// A file is one frame, whose bytes do not depend on the calls, at every level.
func TestOneFrame(t *testing.T) {
	var rows [][2]string
	for i := range 300 {
		rows = append(rows, [2]string{string(pipelinetest.Chinese(uint64(i), 1500)), fmt.Sprintf(`{"i":%d}`, i)})
	}
	for _, level := range []int{1, 3, 7, 22} {
		data := write(t, level, len(rows), rows...)
		if again := write(t, level, 7, rows...); !bytes.Equal(data, again) {
			t.Errorf("level %d: other bytes by other calls", level)
		}
		if n := bytes.Count(data, []byte{0x28, 0xb5, 0x2f, 0xfd}); n != 1 {
			t.Errorf("level %d: %d frames", level, n)
		}
		if got := strings.Count(string(unpacked(t, data)), "\n"); got != len(rows) {
			t.Errorf("level %d: %d lines", level, got)
		}
	}
}

func TestWriterRefuses(t *testing.T) {
	if _, err := newWriter(io.Discard, []columnar.Column{{Name: "a", Type: columnar.Binary}}, columnar.TableOptions{}); err == nil {
		t.Error("bytes that are no text went through")
	}
	if _, err := newWriter(io.Discard, nil, columnar.TableOptions{}); err == nil {
		t.Error("a table without a column went through")
	}
	for _, meta := range []string{"", "3", "[]", "{", "{}{}", `{"a":}`} {
		w, err := newWriter(io.Discard, schema[1:2], columnar.TableOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var column columnar.Strings
		column.Append([]byte(meta))
		if err := w.Write(&column); err == nil || !strings.HasPrefix(err.Error(), "row 0: column meta") {
			t.Errorf("%q: %v", meta, err)
		}
		if _, err := w.Finish(); err == nil {
			t.Errorf("%q: a file was finished after an error", meta)
		}
	}
	w, err := newWriter(failing{}, schema[2:], columnar.TableOptions{})
	if err != nil {
		t.Fatal(err)
	}
	err = w.Write([]int64{1})
	if _, finish := w.Finish(); !errors.Is(errors.Join(err, finish), errFull) {
		t.Errorf("%v, %v", err, finish)
	}
}

var errFull = errors.New("disk full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

// A document more costs no memory.
func TestWriterAllocates(t *testing.T) {
	w, err := newWriter(io.Discard, schema, columnar.TableOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var text, meta columnar.Strings
	var n []int64
	for i := range 100 {
		text.Append(pipelinetest.Chinese(uint64(i), 500))
		meta.Append([]byte(`{"title": "题目", "tags": ["a", "b"]}`))
		n = append(n, int64(i)<<40)
	}
	columns := []any{&text, &meta, n}
	allocs := testing.AllocsPerRun(50, func() {
		if err := w.Write(columns...); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 3 && !pipelinetest.Race { // a hundred documents; the detector has pools forget what they hold
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkSink(b *testing.B) { pipelinetest.BenchmarkSink(b, sink(nil)) }

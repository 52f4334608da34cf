package parquet

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	parquetgo "github.com/parquet-go/parquet-go"
	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func name(plan *pipeline.Plan, shard, shards int) string {
	return fmt.Sprintf("data/%06d-%s/train-%05d-of-%05d.parquet", plan.Version, plan.Digest()[:8], shard, shards)
}

// small makes several row groups out of little text.
var small = Config{Codec: columnar.Zstd, Level: 1, GroupBytes: minGroupBytes}

func TestSink(t *testing.T) {
	pipelinetest.TestSink(t, pipelinetest.Sink{New: New(small), Name: name, Read: read})
}

func read(t *testing.T, data []byte) []pipelinetest.DocumentRow {
	t.Helper()
	rows, err := parquetgo.Read[pipelinetest.DocumentRow](bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestSinkReadTable(t *testing.T) {
	pipelinetest.TestSink(t, pipelinetest.Sink{New: New(small), Name: name, Read: pipelinetest.ReadDocuments(Format)})
}

// The number of cores must not show in the bytes (invariant 1).
func TestSinkOnAnyMachine(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first []byte
	for _, cores := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(cores)
		data := write(t, New(small))
		if first == nil {
			first = data
		}
		if !bytes.Equal(first, data) {
			t.Errorf("other bytes on %d cores", cores)
		}
	}
}

// write returns the only shard of a run.
func write(t *testing.T, sink pipeline.NewWriter) []byte {
	t.Helper()
	run := pipelinetest.Run{
		Plan: ingest.Plan{
			Version: 12, Sources: []pipeline.Source{{Name: "news"}}, Files: []ingest.File{{Path: "a.txt"}},
		},
		BatchRows: 20, ShardBytes: 1 << 30,
	}
	for i := range 200 {
		run.Documents = append(run.Documents, pipelinetest.Document{Text: string(pipelinetest.Chinese(uint64(i), 2000))})
	}
	m := pipelinetest.NewMemory()
	job := run.Job(t, m)
	step := &pipeline.Step{Open: ingest.OpenShard, Write: sink}
	if _, err := pipelinetest.RunStep(t.Context(), step, pipeline.Task{Stage: "sink"}, job); err != nil {
		t.Fatal(err)
	}
	return m.Get("out/" + name(job.Plan, 0, 1))
}

func TestSinkFile(t *testing.T) {
	data := write(t, New(small))
	file, err := parquetgo.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(file.RowGroups()); n < 4 {
		t.Errorf("%d row groups of %d bytes", n, minGroupBytes)
	}
	features, _ := file.Lookup("huggingface")
	const want = `{"info":{"features":{"id":{"dtype":"string","_type":"Value"},"text":{"dtype":"string","_type":"Value"},` +
		`"source":{"dtype":"string","_type":"Value"},"path":{"dtype":"string","_type":"Value"},` +
		`"offset":{"dtype":"int64","_type":"Value"},"chars":{"dtype":"int64","_type":"Value"},` +
		`"bytes":{"dtype":"int64","_type":"Value"},"metadata":{"dtype":"string","_type":"Value"},` +
		`"version":{"dtype":"int32","_type":"Value"},"copies":{"dtype":"int32","_type":"Value"}}}}`
	if diff := cmp.Diff(want, features); diff != "" {
		t.Error(diff)
	}
	if v, _ := file.Lookup("millrace.version"); v != "12" {
		t.Errorf("version %q", v)
	}
	if v, _ := file.Lookup("millrace.plan"); len(v) != 32 {
		t.Errorf("plan %q", v)
	}
	physical := map[string]parquetgo.Kind{
		"offset": parquetgo.Int64, "chars": parquetgo.Int64, "bytes": parquetgo.Int64, "version": parquetgo.Int32, "copies": parquetgo.Int32,
	}
	for i, c := range file.Root().Columns() {
		if want, ok := physical[c.Name()]; ok && c.Type().Kind() != want {
			t.Errorf("column %s is of %s, not %s", c.Name(), c.Type().Kind(), want)
		}
		if !c.Required() {
			t.Errorf("column %s is not required", c.Name())
		}
		chunk := file.Metadata().RowGroups[0].Columns[i].MetaData
		dictionary := chunk.DictionaryPageOffset != 0
		if want := c.Name() == "source" || c.Name() == "path"; dictionary != want {
			t.Errorf("column %s: dictionary %v", c.Name(), dictionary)
		}
		statistics := len(chunk.Statistics.MinValue) > 0
		if plain := c.Name() == "id" || c.Name() == "text" || c.Name() == "metadata"; statistics == plain {
			t.Errorf("column %s: statistics %v", c.Name(), statistics)
		}
	}
}

func TestConfigValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	for _, c := range []Config{{Codec: columnar.Zstd}, {Codec: columnar.Zstd, Level: 23, GroupBytes: maxGroupBytes + 1}, {Level: 1}, {Codec: columnar.None, Level: 3}} {
		if err := c.Validate(); err == nil || strings.Count(err.Error(), "\n") != 1 {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func BenchmarkSink(b *testing.B) {
	pipelinetest.BenchmarkSink(b, pipelinetest.Sink{New: New(Default()), Name: name})
}

// BenchmarkBareZstd compresses the text of BenchmarkSink on one core and does nothing else.
func BenchmarkBareZstd(b *testing.B) {
	var pages [][]byte
	size, compressed := 0, 0
	for text := range pipelinetest.BenchmarkDocuments() {
		if len(pages) == 0 || len(pages[len(pages)-1]) >= 1<<20 {
			pages = append(pages, nil)
		}
		pages[len(pages)-1] = append(pages[len(pages)-1], text...)
		size += len(text)
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(Default().Level)), zstd.WithEncoderConcurrency(1))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(size))
	var out []byte
	for b.Loop() {
		compressed = 0
		for _, p := range pages {
			out = enc.EncodeAll(p, out[:0])
			compressed += len(out)
		}
	}
	b.ReportMetric(float64(size)/float64(compressed), "ratio")
	if err := enc.Close(); err != nil {
		b.Fatal(err)
	}
}

package arrowipc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func sink(c Config) pipelinetest.Sink {
	return pipelinetest.Sink{
		New: New(c),
		Name: func(plan *pipeline.Plan, shard, shards int) string {
			return fmt.Sprintf("arrow/%06d/train-%05d-of-%05d.arrow", plan.Version, shard, shards)
		},
		Read: read,
	}
}

func TestSink(t *testing.T) {
	pipelinetest.TestSink(t, sink(Config{BatchBytes: minBatchBytes}))
}

func read(t *testing.T, data []byte) (rows []pipelinetest.DocumentRow) {
	t.Helper()
	r, err := ipc.NewFileReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, f := range r.Schema().Fields() {
		if f.Nullable {
			t.Errorf("column %s is not required", f.Name)
		}
	}
	meta := r.Schema().Metadata()
	for _, key := range []string{"huggingface", "millrace.plan", "millrace.version"} {
		if meta.FindKey(key) < 0 {
			t.Errorf("no %s among the metadata", key)
		}
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		text := func(column, i int) string { return record.Column(column).(*array.String).Value(i) }
		short := func(column, i int) int32 { return record.Column(column).(*array.Int32).Value(i) }
		long := func(column, i int) int64 { return record.Column(column).(*array.Int64).Value(i) }
		for i := range int(record.NumRows()) {
			rows = append(rows, pipelinetest.DocumentRow{
				ID: text(0, i), Text: text(1, i), Source: text(2, i), Path: text(3, i),
				Offset: long(4, i), Chars: long(5, i), Bytes: long(6, i),
				Metadata: text(7, i), Version: short(8, i), Copies: short(9, i),
			})
		}
	}
}

func TestConfigValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	for _, c := range []Config{{}, {BatchBytes: maxBatchBytes + 1}} {
		if c.Validate() == nil {
			t.Errorf("%+v passed", c)
		}
	}
}

func BenchmarkSink(b *testing.B) { pipelinetest.BenchmarkSink(b, sink(Default())) }

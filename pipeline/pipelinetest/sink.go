package pipelinetest

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// DocumentRow is a row of a shard, as a reader that is not ours sees it: see ingest.DocumentSchema.
type DocumentRow struct {
	ID       string `parquet:"id"`
	Text     string `parquet:"text"`
	Source   string `parquet:"source"`
	Path     string `parquet:"path"`
	Offset   int64  `parquet:"offset"`
	Chars    int64  `parquet:"chars"`
	Bytes    int64  `parquet:"bytes"`
	Metadata string `parquet:"metadata"`
	Version  int32  `parquet:"version"`
	Copies   int32  `parquet:"copies"`
}

// Sink is a sink under test.
type Sink struct {
	New pipeline.NewWriter
	// Name is the path of a shard's file.
	Name func(plan *pipeline.Plan, shard, shards int) string
	// Read reads a file of the sink, with another library where there is one.
	Read func(t *testing.T, data []byte) []DocumentRow
}

// ReadDocuments reads shards the way millrace does.
func ReadDocuments(format pipeline.TableFormat) func(t *testing.T, data []byte) []DocumentRow {
	return func(t *testing.T, data []byte) (rows []DocumentRow) {
		t.Helper()
		Must(t, format.Read(bytes.NewReader(data), int64(len(data)), ingest.DocumentSelection(), nil, func(f *columnar.Frame) error {
			for i := range f.Rows() {
				text := func(column string) string { return string(f.Text(column).At(i)) }
				number := func(column string) int64 { return f.Int(column)[i] }
				rows = append(rows, DocumentRow{
					ID: text("id"), Text: text("text"), Source: text("source"), Path: text("path"), Offset: f.Int("offset")[i],
					Chars: number("chars"), Bytes: number("bytes"), Metadata: text("metadata"), Version: int32(number("version")),
					Copies: int32(number(ingest.CopiesColumn)),
				})
			}
			return nil
		}))
		return rows
	}
}

// TestSink checks what writes the shards of a sink.
func TestSink(t *testing.T, sink Sink) {
	tests := []struct {
		name string
		test func(t *testing.T, sink Sink)
	}{
		{"Columns", sinkColumns},
		{"Rows", sinkRows},
		{"NothingKept", sinkNothingKept},
		{"Reproducible", sinkReproducible},
		{"FailingDisk", sinkFailingDisk},
		{"LyingDisk", sinkLyingDisk},
		{"WrongPlan", sinkWrongPlan},
		{"Cancelled", sinkCancelled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, sink) })
	}
}

// sinkRun is a run with several sources, files, splits, blocks and shards.
func sinkRun(documents int) Run {
	r := Run{
		Plan: ingest.Plan{
			Version: 3,
			Sources: []pipeline.Source{{Name: "news"}, {Name: "法律"}},
			Files:   []ingest.File{{Path: "a/1.jsonl"}, {Source: 1, Path: "民法典.txt"}, {Path: "a/2.jsonl"}},
		},
		SplitRows: []int{documents / 2, 0}, BatchRows: 7, ShardBytes: 100_000,
	}
	for i := range documents {
		d := Document{
			Text: string(Chinese(uint64(i), i*37%1500)), File: int32(i * 3 / documents), Offset: int64(i) * 1000,
			Dropped: i%4 == 1 || i > 20 && i < 40,
		}
		if i%3 == 0 {
			d.Meta = fmt.Sprintf(`{"title":"第%d号"}`, i)
		}
		if i%7 == 0 && !d.Dropped {
			d.Losers = uint32(i + 1)
		}
		r.Documents = append(r.Documents, d)
	}
	return r
}

// rows is what the shards must hold, one after the other.
func (r Run) rows() (rows []DocumentRow) {
	for _, d := range r.Documents {
		if d.Dropped {
			continue
		}
		file := r.Plan.Files[d.File]
		source := r.Plan.Sources[file.Source].Name
		offset := []byte{0, 0, 0, 0, 0, 0, 0, 0}
		for i := range offset {
			offset[i] = byte(d.Offset >> (8 * i))
		}
		id := xxh3.HashString128(source + "\x00" + file.Path + "\x00" + string(offset)).Bytes()
		rows = append(rows, DocumentRow{
			ID: hex.EncodeToString(id[:]), Text: d.Text, Source: source, Path: file.Path, Offset: d.Offset,
			Chars: int64(utf8.RuneCountInString(d.Text)), Bytes: int64(len(d.Text)), Metadata: d.Meta,
			Version: int32(r.Plan.Version), Copies: int32(d.Losers) + 1,
		})
		if d.Meta == "" {
			rows[len(rows)-1].Metadata = "{}"
		}
	}
	return rows
}

// shard runs the sink for one shard of several.
func (s Sink) shard(ctx context.Context, job *pipeline.Job, index int) (pipeline.Entry, error) {
	return RunStep(ctx, &pipeline.Step{Open: ingest.OpenShard, Write: s.New}, pipeline.Task{Stage: "print", Index: index}, job)
}

// A column that is written is one that the tests read.
func sinkColumns(t *testing.T, _ Sink) {
	var want, got []string
	for _, c := range ingest.DocumentSchema() {
		want = append(want, c.Name)
	}
	for f := range reflect.TypeFor[DocumentRow]().Fields() {
		got = append(got, f.Tag.Get("parquet"))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("DocumentRow (-written +read):\n%s", diff)
	}
}

func sinkRows(t *testing.T, sink Sink) {
	run := sinkRun(300)
	m := NewMemory()
	job := run.Job(t, m)
	shards := run.shards()
	if len(shards) < 2 {
		t.Fatal("one shard means nothing")
	}
	var got []DocumentRow
	for i, shard := range shards {
		e, err := sink.shard(t.Context(), job, i)
		Must(t, err)
		name := sink.Name(job.Plan, i, len(shards))
		data := m.Get("out/" + name)
		want := pipeline.Entry{
			Stage: "print", Index: i, Verdict: pipeline.VerdictDone, Rows: shard.Kept, Bytes: shard.Bytes,
			Outputs: []pipeline.Output{{Name: name, Bytes: int64(len(data)), Rows: shard.Kept, Out: true}},
		}
		if len(e.Outputs) == 1 {
			want.Outputs[0].Digest = e.Outputs[0].Digest
		}
		if diff := cmp.Diff(want, e); diff != "" {
			t.Errorf("entry of shard %d: %s", i, diff)
		}
		got = append(got, sink.Read(t, data)...)
	}
	if diff := cmp.Diff(run.rows(), got); diff != "" {
		t.Error(diff)
	}
}

func sinkNothingKept(t *testing.T, sink Sink) {
	run := sinkRun(10)
	for i := range run.Documents {
		run.Documents[i].Dropped, run.Documents[i].Losers = true, 0
	}
	m := NewMemory()
	job := run.Job(t, m)
	e, err := sink.shard(t.Context(), job, 0)
	Must(t, err)
	if rows := sink.Read(t, m.Get("out/"+sink.Name(job.Plan, 0, 1))); len(rows) != 0 || e.Rows != 0 {
		t.Errorf("%d rows, entry %+v", len(rows), e)
	}
}

// How the documents lie in blocks must not show.
func sinkReproducible(t *testing.T, sink Sink) {
	var first pipeline.Entry
	for i, rows := range []int{7, 7, 1, 1000} {
		run := sinkRun(300)
		run.BatchRows = rows
		e, err := sink.shard(t.Context(), run.Job(t, NewMemory()), 1)
		Must(t, err)
		if i == 0 {
			first = e
		}
		if diff := cmp.Diff(first, e); diff != "" {
			t.Errorf("blocks of %d documents: %s", rows, diff)
		}
	}
}

func sinkFailingDisk(t *testing.T, sink Sink) {
	run := sinkRun(300)
	m := NewMemory()
	job := run.Job(t, m)
	EachFault(t, m, func() error {
		_, err := sink.shard(t.Context(), job, 0)
		return err
	}, func(failed string) {
		if list, err := job.Out.List(t.Context(), ""); err != nil || len(list) != 0 {
			t.Errorf("after %s failed: %v, %v", failed, list, err)
		}
	})
}

// lyingStore loses the end of every file and says that all went well.
type lyingStore struct{ *Memory }

func (s lyingStore) Create(ctx context.Context, name string) (pipeline.Writer, error) {
	w, err := s.Memory.Create(ctx, name)
	if err != nil {
		return nil, err
	}
	return lyingWriter{w.(*memoryWriter)}, nil
}

type lyingWriter struct{ *memoryWriter }

func (w lyingWriter) Commit() error {
	w.data = w.data[:len(w.data)-1]
	return w.memoryWriter.Commit()
}

func sinkLyingDisk(t *testing.T, sink Sink) {
	m := NewMemory()
	job := sinkRun(50).Job(t, m)
	out := job.Out
	job.Out = lyingStore{out.(*Memory)}
	if _, err := sink.shard(t.Context(), job, 0); err == nil {
		t.Error("a file that lost its end went through")
	}
	listed(t, out, "")
}

func sinkWrongPlan(t *testing.T, sink Sink) {
	run := sinkRun(50)
	job := run.Job(t, NewMemory())
	for _, index := range []int{-1, len(run.shards())} {
		if _, err := sink.shard(t.Context(), job, index); !pipeline.IsPermanent(err) {
			t.Errorf("shard %d: %v", index, err)
		}
	}
	for what, change := range map[string]func(*ingest.Shard){
		"another number of documents": func(s *ingest.Shard) { s.Kept-- },
		"other bytes":                 func(s *ingest.Shard) { s.Bytes++ },
		"more winners":                func(s *ingest.Shard) { s.Winners++ },
		"winners beyond the file":     func(s *ingest.Shard) { s.Winners = s.Kept },
		"fewer winners than none":     func(s *ingest.Shard) { s.Winners = -1 },
	} {
		shard := run.shards()[0]
		change(&shard)
		WriteJSON(t, job.Work, ingest.ShardsName, []ingest.Shard{shard})
		if _, err := sink.shard(t.Context(), job, 0); err == nil {
			t.Errorf("a shard plan with %s went through", what)
		}
	}
	run.Plan.Files = run.Plan.Files[:1]
	job.Plan = Seal(t, &run.Plan)
	WriteJSON(t, job.Work, ingest.ShardsName, run.shards())
	if _, err := sink.shard(t.Context(), job, 0); err == nil {
		t.Error("a document of an unknown file went through")
	}
	listed(t, job.Out, "")
	Must(t, job.Work.Remove(t.Context(), ingest.DocumentsName(0)))
	if _, err := sink.shard(t.Context(), job, 0); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a spill: %v", err)
	}
}

func sinkCancelled(t *testing.T, sink Sink) {
	m := NewMemory()
	job := sinkRun(50).Job(t, m)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sink.shard(ctx, job, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	listed(t, job.Out, "")
}

// BenchmarkSink measures a sink over made-up text, the reading of spills included.
func BenchmarkSink(b *testing.B, sink Sink) {
	run := Run{
		Plan:      ingest.Plan{Version: 1, Sources: []pipeline.Source{{Name: "news"}}, Files: []ingest.File{{Path: "a.txt"}}},
		BatchRows: 1000, ShardBytes: 1 << 30,
	}
	for i := range BenchmarkDocuments() {
		run.Documents = append(run.Documents, Document{Text: string(i), Offset: int64(len(run.Documents))})
	}
	m := NewMemory()
	job := run.Job(b, m)
	b.SetBytes(run.shards()[0].Bytes)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sink.shard(b.Context(), job, 0); err != nil {
			b.Fatal(err)
		}
	}
	out := m.Get("out/" + sink.Name(job.Plan, 0, 1))
	b.ReportMetric(float64(run.shards()[0].Bytes)/float64(len(out)), "ratio")
}

// BenchmarkDocuments yields the texts of BenchmarkSink, 48 MB of them.
func BenchmarkDocuments() func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for i := range 16_000 {
			if !yield(bytes.Clone(Chinese(uint64(i), 3000))) {
				return
			}
		}
	}
}

package parse

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memorySources serves objects by path.
type memorySources map[string]pipeline.Object

func (m memorySources) Open(_ context.Context, file pipeline.SourceFile) (pipeline.Object, error) {
	if o, ok := m[file.Path]; ok {
		return o, nil
	}
	return nil, &pipeline.RejectError{Reason: pipeline.ReasonMissing, Err: errors.New("no such file")}
}

// memoryObject is a file in memory.
type memoryObject struct{ *bytes.Reader }

func newObject(data []byte) pipeline.Object { return memoryObject{bytes.NewReader(data)} }

func (memoryObject) Close() error { return nil }

// failingObject is a file that cannot be read from an offset on.
type failingObject struct {
	pipeline.Object
	from int64
	err  error
}

func (f failingObject) ReadAt(p []byte, off int64) (int, error) {
	if off >= f.from {
		return 0, f.err
	}
	n, err := f.Object.ReadAt(p[:min(int64(len(p)), f.from-off)], off)
	if err == nil && n < len(p) {
		err = f.err
	}
	return n, err
}

// record is what a test wants to know of a row.
type record struct {
	Offset int64
	Text   string
}

// input is a plan of its own: one file a name, in the order given, with one split for all pieces unless cut.
type input struct {
	cfg  Config
	from ingest.Input
}

func newInput() *input {
	return &input{cfg: Default(), from: ingest.Input{
		Plan:    &ingest.Plan{Sources: []pipeline.Source{{Name: "test"}}, Splits: []ingest.Split{{}}},
		Sources: memorySources{},
	}}
}

func (in *input) add(file ingest.File, object pipeline.Object) {
	file.Bytes = object.Size()
	plan := in.from.Plan
	plan.Splits[0].Pieces = append(plan.Splits[0].Pieces, ingest.Piece{File: len(plan.Files), End: file.Bytes})
	plan.Files = append(plan.Files, file)
	in.from.Sources.(memorySources)[file.Path] = object
}

// one makes an input of a single file.
func one(format, document, compression string, data []byte) *input {
	in := newInput()
	in.add(ingest.File{Path: "file", Format: format, Document: document, Compression: compression}, newObject(data))
	return in
}

// cut cuts the first file into pieces at the offsets, each a split.
func (in *input) cut(at ...int64) {
	plan := in.from.Plan
	plan.Splits = nil
	start := int64(0)
	for _, end := range append(at, plan.Files[0].Bytes) {
		plan.Splits = append(plan.Splits, ingest.Split{Pieces: []ingest.Piece{{Start: start, End: end}}})
		start = end
	}
}

// raw reads every split and returns its raw records, what was rejected, the counters, and the stored bytes consumed.
func (in *input) raw(t testing.TB) (records []record, rejects []columnar.Reject, counters columnar.Counters, stored int64) {
	t.Helper()
	in.each(t, func(b *columnar.Batch) {
		for i := range b.Len() {
			records = append(records, record{b.Offset[i], string(b.Text.At(i))})
		}
		rejects = append(rejects, b.Rejects...)
		counters.Merge(b.Counters)
		stored += b.Raw
	})
	return records, rejects, counters, stored
}

// documents is like raw, with the records decoded by the stage.
func (in *input) documents(t testing.TB) (documents []record, meta []string, rejects []columnar.Reject, counters columnar.Counters) {
	t.Helper()
	stage, err := New(in.cfg, in.from.Plan)
	if err != nil {
		t.Fatal(err)
	}
	in.each(t, func(b *columnar.Batch) {
		out, err := stage.Process(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		if out.Text.Len() != out.Len() || out.Meta.Len() != out.Len() || len(out.Offset) != out.Len() {
			t.Fatalf("columns of %d, %d, %d and %d rows", out.Len(), len(out.Offset), out.Text.Len(), out.Meta.Len())
		}
		for i := range out.Len() {
			documents = append(documents, record{out.Offset[i], string(out.Text.At(i))})
			meta = append(meta, string(out.Meta.At(i)))
		}
		rejects = append(rejects, out.Rejects...)
		counters.Merge(out.Counters)
		if n := out.Counters[ingest.CounterArticles] + out.Counters[ingest.CounterNoArticle]; n != int64(len(out.Pages)) {
			t.Fatalf("%d pages are counted, %d told of", n, len(out.Pages))
		}
		row := 0
		for _, p := range out.Pages { // which are in the order of their documents
			for row < out.Len() && (out.File[row] != p.File || out.Offset[row] != p.Offset) {
				row++
			}
			if row == out.Len() || p.Taken > p.Blocks || p.TakenChars > p.Chars {
				t.Fatalf("no document is of the page %+v", p)
			}
		}
	})
	return documents, meta, rejects, counters
}

// each calls f with every batch of every split.
func (in *input) each(t testing.TB, f func(*columnar.Batch)) {
	t.Helper()
	var b columnar.Batch
	for split := range in.from.Plan.Splits {
		r, err := NewFormats(in.cfg).Open(t.Context(), in.from, split)
		if err != nil {
			t.Fatal(err)
		}
		for {
			b.Reset()
			err := r.Read(t.Context(), &b)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			f(&b)
		}
		if b.Len() > 0 {
			t.Fatal("rows with io.EOF")
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

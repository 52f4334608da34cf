package ingest

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// Removed says which of the documents that filters drop are kept for people to read. It is the setting removed, and decides what files a
// version has, but not which documents are in the corpus.
type Removed string

// What Removed may be.
const (
	RemovedNone   Removed = "none"
	RemovedSample Removed = "sample" // one in sampleOf
	RemovedAll    Removed = "all"
)

// sampleOf is of how many documents the sample has one, on average.
const sampleOf = 100

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Removed) UnmarshalText(text []byte) error {
	switch *r = Removed(text); *r {
	case RemovedNone, RemovedSample, RemovedAll:
		return nil
	}
	return fmt.Errorf("unknown value %q: known are %s, %s, %s", text, RemovedNone, RemovedSample, RemovedAll)
}

// Keeps says whether a document that a filter drops is kept. Of a sample its id decides, which is a hash: so the sample has the same
// documents whoever reads them and however the input is cut, and is a part of all.
func (r Removed) Keeps(id [16]byte) bool {
	switch r {
	case RemovedAll:
		return true
	case RemovedSample:
		return binary.BigEndian.Uint64(id[:])%sampleOf == 0
	}
	return false
}

// Of is Keeps for documents of a plan, by their places; nil if none is kept. What it returns is for one goroutine.
func (r Removed) Of(plan *Plan) func(file int32, offset int64) bool {
	if r != RemovedSample && r != RemovedAll {
		return nil
	}
	var scratch []byte
	return func(file int32, offset int64) bool {
		if r == RemovedAll {
			return true
		}
		var id [16]byte
		id, scratch = DocumentID(scratch, plan.SourceName(file), plan.Files[file].Path, offset)
		return r.Keeps(id)
	}
}

// RemovedSchema are the columns of a table of removed documents.
func RemovedSchema() []columnar.Column { return slices.Clone(removedSchema) }

// removedSchema are these columns. A new one comes behind the others.
var removedSchema = []columnar.Column{
	{Name: "id", Type: columnar.String},
	{Name: "text", Type: columnar.String},
	{Name: "source", Type: columnar.String, Dictionary: true, Statistics: true},
	{Name: "path", Type: columnar.String, Dictionary: true, Statistics: true},
	{Name: "offset", Type: columnar.Int64, Statistics: true},
	{Name: "chars", Type: columnar.Int64, Statistics: true},
	{Name: "reason", Type: columnar.String, Dictionary: true, Statistics: true},
	{Name: "detail", Type: columnar.String},
	{Name: "metadata", Type: columnar.String, JSON: true},
}

// RemovedName is the table of the documents of a split.
func RemovedName(version, split, splits int) string {
	return fmt.Sprintf("%s/%s/part-%05d-of-%05d.%s", pipeline.RemovedFolder, pipeline.VersionName(version), split, splits, pipeline.ParquetTable.Extension)
}

// NewRemovedWriter returns what writes the removed documents of a split, in the order of its rejects. A split that has none has no file.
func NewRemovedWriter(o columnar.TableOptions) pipeline.NewWriter {
	return func(ctx context.Context, job *pipeline.Job, split int) (pipeline.BatchWriter, error) {
		plan, err := PlanOf(job)
		if err != nil {
			return nil, err
		}
		w := &removedWriter{ctx: ctx, job: job, plan: plan, name: RemovedName(plan.Version, split, len(plan.Splits)), options: o}
		w.options.Metadata = pipeline.Lineage(job.Plan) // of a copy: tasks run side by side
		return w, nil
	}
}

// removedWriter is the BatchWriter. The table is begun with the first document.
type removedWriter struct {
	ctx     context.Context //nolint:containedctx // of the task that it is a part of: a BatchWriter's calls have none
	job     *pipeline.Job
	plan    *Plan
	name    string
	options columnar.TableOptions
	file    *pipeline.TableFile
	rows    int64

	id, source, path, reason, detail, meta columnar.Strings
	offset, chars                          []int64
	scratch                                []byte
}

// Write implements pipeline.BatchWriter.
func (w *removedWriter) Write(b *columnar.Batch) error {
	if b.Removed.Len() == 0 {
		return nil
	}
	if err := w.write(b); err != nil {
		return fmt.Errorf("write %s: %w", w.name, err)
	}
	return nil
}

func (w *removedWriter) write(b *columnar.Batch) (err error) {
	if w.file == nil {
		if w.file, err = pipeline.CreateTable(w.ctx, w.job, w.name, pipeline.ParquetTable, removedSchema, w.options); err != nil {
			return err
		}
	}
	for _, column := range []*columnar.Strings{&w.id, &w.source, &w.path, &w.reason, &w.detail, &w.meta} {
		column.Reset()
	}
	w.offset, w.chars = w.offset[:0], w.chars[:0]
	r := &b.Removed
	for i, at := range r.Reject {
		if at < 0 || int(at) >= len(b.Rejects) {
			return pipeline.Permanent(fmt.Errorf("a document is reject %d of %d", at, len(b.Rejects)))
		}
		reject := &b.Rejects[at]
		source, path := w.plan.SourceName(reject.File), w.plan.Files[reject.File].Path
		var id [16]byte
		id, w.scratch = DocumentID(w.scratch, source, path, reject.Offset)
		w.id.Data = hex.AppendEncode(w.id.Data, id[:])
		w.id.Seal()
		appendText(&w.source, source)
		appendText(&w.path, path)
		appendText(&w.reason, reject.Reason)
		appendText(&w.detail, reject.Detail)
		if meta := r.Meta.At(i); len(meta) == 0 {
			w.meta.Append(noMetadata)
		} else {
			w.meta.Append(meta)
		}
		w.offset, w.chars = append(w.offset, reject.Offset), append(w.chars, int64(r.Chars[i]))
	}
	w.rows += int64(r.Len())
	return w.file.Write(&w.id, &r.Text, &w.source, &w.path, w.offset, w.chars, &w.reason, &w.detail, &w.meta)
}

func appendText(column *columnar.Strings, value string) {
	column.Data = append(column.Data, value...)
	column.Seal()
}

// Commit implements pipeline.BatchWriter.
func (w *removedWriter) Commit() ([]pipeline.Output, error) {
	if w.file == nil {
		return nil, nil
	}
	out, err := w.file.Commit(w.ctx, w.rows)
	if err != nil {
		return nil, err
	}
	return []pipeline.Output{out}, nil
}

// Close implements pipeline.BatchWriter.
func (w *removedWriter) Close() error {
	if w.file == nil {
		return nil
	}
	return w.file.Close()
}

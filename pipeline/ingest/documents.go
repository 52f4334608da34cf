package ingest

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
)

// documentSchema are the columns of a shard, in every format. A column comes only with a new format number.
var documentSchema = []columnar.Column{
	{Name: "id", Type: columnar.String}, // no dictionary and no statistics on what is long or never repeats
	{Name: "text", Type: columnar.String},
	{Name: "source", Type: columnar.String, Dictionary: true, Statistics: true},
	{Name: "path", Type: columnar.String, Dictionary: true, Statistics: true},
	{Name: "offset", Type: columnar.Int64, Statistics: true},
	{Name: "chars", Type: columnar.Int32, Statistics: true},
	{Name: "bytes", Type: columnar.Int32, Statistics: true},
	{Name: "metadata", Type: columnar.String},
	{Name: "version", Type: columnar.Int32, Statistics: true},
}

// documentTable makes the columns of a shard out of batches. The text is that of the batch, without a copy; the other
// columns reuse their memory. Metadata is always a JSON object, so that a reader can decode every row alike. Not safe for concurrent use.
type documentTable struct {
	plan             *pipeline.Plan
	id, source, path columnar.Strings
	meta             columnar.Strings
	bytes, version   []int32
	scratch          []byte
	columns          []any
}

// rows returns the columns of b, valid until the next call and while b is unchanged.
func (t *documentTable) rows(b *columnar.Batch) ([]any, error) {
	n := b.Len()
	if b.Text.Len() != n || b.Meta.Len() != n || len(b.Offset) != n || len(b.Chars) != n {
		return nil, fmt.Errorf("columns of a batch differ in length: file %d, offset %d, text %d, meta %d, chars %d",
			n, len(b.Offset), b.Text.Len(), b.Meta.Len(), len(b.Chars))
	}
	t.id.Reset()
	t.source.Reset()
	t.path.Reset()
	t.meta.Reset()
	t.bytes, t.version = t.bytes[:0], t.version[:0]
	for i, f := range b.File {
		if f < 0 || int(f) >= len(t.plan.Files) {
			return nil, fmt.Errorf("a document is of file %d, the plan has %d", f, len(t.plan.Files))
		}
		source, path := t.plan.SourceName(f), t.plan.Files[f].Path
		var id [16]byte
		id, t.scratch = DocumentID(t.scratch, source, path, b.Offset[i])
		t.id.Data = hex.AppendEncode(t.id.Data, id[:])
		t.id.Seal()
		t.source.Data = append(t.source.Data, source...)
		t.source.Seal()
		t.path.Data = append(t.path.Data, path...)
		t.path.Seal()
		if b.Meta.Offsets[i] == b.Meta.Offsets[i+1] {
			t.meta.Append(noMetadata)
		} else {
			t.meta.Append(b.Meta.At(i))
		}
		t.bytes = append(t.bytes, b.Text.Offsets[i+1]-b.Text.Offsets[i])
		t.version = append(t.version, int32(t.plan.Version))
	}
	t.columns = append(t.columns[:0],
		&t.id, &b.Text, &t.source, &t.path, b.Offset, b.Chars, t.bytes, &t.meta, t.version)
	return t.columns, nil
}

// noMetadata is the metadata of a document that came without.
var noMetadata = []byte("{}")

// documentFeatures is what the datasets library reads as the schema of a file.
func documentFeatures() string {
	var features []string
	for _, c := range documentSchema {
		kind := map[columnar.Type]string{columnar.String: "string", columnar.Int32: "int32", columnar.Int64: "int64"}[c.Type]
		features = append(features, fmt.Sprintf(`"%s":{"dtype":"%s","_type":"Value"}`, c.Name, kind))
	}
	return `{"info":{"features":{` + strings.Join(features, ",") + `}}}`
}

// DocumentSchema are the columns of a shard as they are written today, in every format.
func DocumentSchema() []columnar.Column { return slices.Clone(documentSchema) }

// DocumentSelection reads whole documents, of shards of all formats.
func DocumentSelection() columnar.Selection { return columnar.SelectionOf(documentSchema) }

// WriteDocuments writes a shard of documents that are in columns already, those of DocumentSchema. fill is as in WriteTable.
// It adds the metadata of every shard to o.
func WriteDocuments(ctx context.Context, job *pipeline.Job, name string, format pipeline.TableFormat, o columnar.TableOptions,
	fill func(columnar.TableWriter) (rows int64, err error),
) (pipeline.Output, error) {
	o.Metadata = pipeline.Lineage(job.Plan)
	o.Metadata["huggingface"] = documentFeatures()
	return pipeline.WriteTable(ctx, job, name, format, documentSchema, o, fill)
}

// ShardWriter writes the kept documents of one shard to <folder>/train-00000-of-00012.<extension> of the version, rows in the order of
// the plan. It is the BatchWriter of a sink.
type ShardWriter struct {
	ctx   context.Context //nolint:containedctx // of the task that it is a part of: a BatchWriter's calls have none
	name  string
	table documentTable
	file  *pipeline.TableFile
	rows  int64
}

// NewShardWriter begins the file of a shard. It adds the metadata of every shard to o.
func NewShardWriter(ctx context.Context, job *pipeline.Job, shard int, folder string, format pipeline.TableFormat, o columnar.TableOptions) (*ShardWriter, error) {
	shards, err := Shards(ctx, job)
	if err != nil {
		return nil, err
	}
	o.Metadata = pipeline.Lineage(job.Plan)
	o.Metadata["huggingface"] = documentFeatures()
	w := &ShardWriter{ctx: ctx, table: documentTable{plan: job.Plan}}
	w.name = fmt.Sprintf("%s/train-%05d-of-%05d.%s", folder, shard, len(shards), format)
	w.file, err = pipeline.CreateTable(ctx, job, w.name, format, documentSchema, o)
	return w, err
}

// Write implements BatchWriter.
func (w *ShardWriter) Write(b *columnar.Batch) error {
	columns, err := w.table.rows(b)
	if err == nil {
		w.rows += int64(b.Len())
		err = w.file.Write(columns...)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", w.name, err)
	}
	return nil
}

// Commit implements BatchWriter.
func (w *ShardWriter) Commit() ([]pipeline.Output, error) {
	out, err := w.file.Commit(w.ctx, w.rows)
	if err != nil {
		return nil, err
	}
	return []pipeline.Output{out}, nil
}

// Close implements BatchWriter.
func (w *ShardWriter) Close() error {
	if w.file == nil {
		return nil
	}
	return w.file.Close()
}

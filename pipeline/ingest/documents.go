package ingest

import (
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// documentColumns are the columns of a shard, in every format: this is the one place where they stand. The schema that is written,
// what is read of a whole document, the features that footers and cards declare and the list of the card follow from it. A
// column comes only with a new format number, which since says, and DocumentSelection then says what shards of those before have in its
// place. There is no dictionary and no statistics on what is long or never repeats.
var documentColumns = []documentColumn{
	{Column: columnar.Column{Name: "id", Type: columnar.String}, values: func(r documentRows) any { return &r.id }},
	{Column: columnar.Column{Name: "text", Type: columnar.String}, values: func(r documentRows) any { return &r.Text }},
	{Column: columnar.Column{Name: "source", Type: columnar.String, Dictionary: true, Statistics: true}, values: func(r documentRows) any { return &r.source }},
	{Column: columnar.Column{Name: "path", Type: columnar.String, Dictionary: true, Statistics: true}, values: func(r documentRows) any { return &r.path }},
	{Column: columnar.Column{Name: "offset", Type: columnar.Int64, Statistics: true}, note: " in the decoded file", values: func(r documentRows) any { return r.Offset }},
	{Column: columnar.Column{Name: "chars", Type: columnar.Int64, Statistics: true, Histogram: columnar.Log, By: "source"}, wide: 4, values: func(r documentRows) any { return r.chars }},
	{Column: columnar.Column{Name: "bytes", Type: columnar.Int64, Statistics: true, Histogram: columnar.Log, By: "source"}, wide: 4, values: func(r documentRows) any { return r.bytes }},
	{Column: columnar.Column{Name: "metadata", Type: columnar.String, JSON: true}, note: " (JSON)", values: func(r documentRows) any { return &r.meta }},
	{Column: columnar.Column{Name: "version", Type: columnar.Int32, Statistics: true}, values: func(r documentRows) any { return r.version }},
	{Column: columnar.Column{Name: CopiesColumn, Type: columnar.Int32, Statistics: true, Histogram: columnar.Log}, since: 4, values: func(r documentRows) any { return r.Copies }},
}

// documentColumn is a column, what is said of it behind its name in a list, and its values.
type documentColumn struct {
	columnar.Column
	note   string
	values func(documentRows) any
	since  int // the corpus format that brought it, 0 for the first
	wide   int // the corpus format from which on its integers have 64 bits, where they had 32 before; 0: there was none
}

// in says whether shards of a corpus format have the column, and of which type.
func (c *documentColumn) in(format int) (t columnar.Type, ok bool) {
	if format < c.wide {
		return columnar.Int32, true
	}
	return c.Type, format >= c.since
}

// documentRows are the documents of a batch, with the columns that a table has made of them.
type documentRows struct {
	*documentTable
	*columnar.Batch
}

// documentTable makes the columns of a shard out of batches. The text is that of the batch, without a copy; the other
// columns reuse their memory. Metadata is always a JSON object, so that a reader can decode every row alike. Not safe for concurrent use.
type documentTable struct {
	plan             *Plan
	id, source, path columnar.Strings
	meta             columnar.Strings
	chars, bytes     []int64
	version          []int32
	scratch          []byte
	columns          []any
}

// rows returns the columns of b, valid until the next call and while b is unchanged.
func (t *documentTable) rows(b *columnar.Batch) ([]any, error) {
	n := b.Len()
	if b.Text.Len() != n || b.Meta.Len() != n || len(b.Offset) != n || len(b.Chars) != n || len(b.Copies) != n {
		return nil, fmt.Errorf("columns of a batch differ in length: file %d, offset %d, text %d, meta %d, chars %d, copies %d",
			n, len(b.Offset), b.Text.Len(), b.Meta.Len(), len(b.Chars), len(b.Copies))
	}
	t.id.Reset()
	t.source.Reset()
	t.path.Reset()
	t.meta.Reset()
	t.chars, t.bytes, t.version = t.chars[:0], t.bytes[:0], t.version[:0]
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
		t.chars = append(t.chars, int64(b.Chars[i]))
		t.bytes = append(t.bytes, int64(b.Text.Offsets[i+1]-b.Text.Offsets[i]))
		t.version = append(t.version, int32(t.plan.Version))
	}
	t.columns = t.columns[:0]
	for i := range documentColumns {
		t.columns = append(t.columns, documentColumns[i].values(documentRows{t, b}))
	}
	return t.columns, nil
}

// noMetadata is the metadata of a document that came without.
var noMetadata = []byte("{}")

// DocumentSchema are the columns of a shard as they are written today, in every format.
func DocumentSchema() (schema []columnar.Column) {
	for _, c := range documentColumns {
		schema = append(schema, c.Column)
	}
	return schema
}

// CopiesColumn is the column that says how many documents one stands for, of its version as that was made: itself and those of the
// same version that lost to it. It is at least 1, and at most what fits into its type.
const CopiesColumn = "copies"

// UnknownCopies is what readers see in place of CopiesColumn where a shard is of a corpus format before 4, which had none.
const UnknownCopies = 0

// DocumentSelection reads whole documents, of shards of all formats.
func DocumentSelection() columnar.Selection {
	all := columnar.SelectionOf(DocumentSchema())
	all.Int = slices.DeleteFunc(all.Int, func(name string) bool { return name == CopiesColumn })
	all.IntOr = map[string]int64{CopiesColumn: UnknownCopies}
	return all
}

// DocumentFeature is a column as loaders of datasets know it.
type DocumentFeature struct{ Name, Type string }

// DocumentFeatures are the columns of shards of a corpus format as loaders of datasets know them.
func DocumentFeatures(format int) (features []DocumentFeature) {
	types := map[columnar.Type]string{columnar.String: "string", columnar.Int32: "int32", columnar.Int64: "int64"}
	for i := range documentColumns {
		if t, ok := documentColumns[i].in(format); ok {
			features = append(features, DocumentFeature{documentColumns[i].Name, types[t]})
		}
	}
	return features
}

// DocumentColumnList names the columns of shards of a corpus format for people: id, text, offset in the decoded file.
func DocumentColumnList(format int) string {
	var names []string
	for i := range documentColumns {
		if c := &documentColumns[i]; format >= c.since {
			names = append(names, c.Name+c.note)
		}
	}
	return strings.Join(names, ", ")
}

// huggingface is what the datasets library reads as the schema of a file.
func huggingface() string {
	var features []string
	for _, f := range DocumentFeatures(math.MaxInt) { // a shard that is written is of the last format
		features = append(features, fmt.Sprintf(`"%s":{"dtype":"%s","_type":"Value"}`, f.Name, f.Type))
	}
	return `{"info":{"features":{` + strings.Join(features, ",") + `}}}`
}

// WriteDocuments writes a shard of documents that are in columns already, those of DocumentSchema. fill is as in WriteTable.
// It adds the metadata of every shard to o.
func WriteDocuments(ctx context.Context, job *pipeline.Job, name string, format pipeline.TableFormat, o columnar.TableOptions,
	fill func(columnar.TableWriter) (rows int64, err error),
) (pipeline.Output, error) {
	o.Metadata = pipeline.Lineage(job.Plan)
	o.Metadata["huggingface"] = huggingface()
	return pipeline.WriteTable(ctx, job, name, format, DocumentSchema(), o, fill)
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
	plan, err := PlanOf(job)
	if err != nil {
		return nil, err
	}
	o.Metadata = pipeline.Lineage(job.Plan)
	o.Metadata["huggingface"] = huggingface()
	w := &ShardWriter{ctx: ctx, table: documentTable{plan: plan}}
	w.name = folder + "/" + format.ShardName(shard, len(shards))
	w.file, err = pipeline.CreateTable(ctx, job, w.name, format, DocumentSchema(), o)
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

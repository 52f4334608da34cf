package pipeline

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

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
	plan             *Plan
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
func WriteDocuments(ctx context.Context, files *Files, name string, format TableFormat, o columnar.TableOptions,
	fill func(columnar.TableWriter) (rows int64, err error),
) (Output, error) {
	o.Metadata = Lineage(files.Plan)
	o.Metadata["huggingface"] = documentFeatures()
	return WriteTable(ctx, files, name, format, documentSchema, o, fill)
}

// WriteShard does a task of sink: it writes the kept documents of shard task.Index to
// <folder>/train-00000-of-00012.<extension> of the version, rows in the order of the plan, and returns the entry, with the
// bytes of kept text. It adds the metadata of every shard to o. The file holds exactly what the shard plan says, or the
// task fails.
func WriteShard(ctx context.Context, task Task, files *Files, folder string, format TableFormat, o columnar.TableOptions,
) (e Entry, err error) {
	shards, err := files.Shards(ctx)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= len(shards) {
		return e, Permanent(fmt.Errorf("%s: there are %d shards", task, len(shards)))
	}
	shard := shards[task.Index]
	name := fmt.Sprintf("%s/train-%05d-of-%05d.%s", folder, task.Index, len(shards), format)
	text := int64(0)
	out, err := WriteDocuments(ctx, files, name, format, o, func(w columnar.TableWriter) (int64, error) {
		rows := int64(0)
		t := documentTable{plan: files.Plan}
		err := files.ScanKept(ctx, shard, func(b *columnar.Batch) error {
			columns, err := t.rows(b)
			if err != nil {
				return err
			}
			for _, n := range t.bytes {
				text += int64(n)
			}
			rows += int64(b.Len())
			return w.Write(columns...)
		})
		// Invariant 7: what is written is what was kept.
		if err == nil && (rows != shard.Kept || text != shard.Bytes) {
			err = fmt.Errorf("%s: found %d documents of %d bytes, the shard has %d of %d", task, rows, text, shard.Kept, shard.Bytes)
		}
		return rows, err
	})
	if err != nil {
		return e, err
	}
	return Entry{
		Stage: task.Stage, Index: task.Index, Verdict: VerdictDone, Rows: out.Rows, Bytes: text, Outputs: []Output{out},
	}, nil
}

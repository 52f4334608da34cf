package corpus

import (
	"context"
	"encoding/hex"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// Base names of the tables that every version has.
const (
	FilesTable      = "files.parquet"
	TimesTable      = "times.parquet"
	RejectsTable    = "rejects.parquet"
	DuplicatesTable = "duplicates.parquet"
	CharsTable      = "chars.parquet" // written by vocab
)

// TableName is the path of a version's ledger table.
func TableName(version int, base string) string {
	return pipeline.LedgerFolder + "/" + pipeline.VersionName(version) + "/" + base
}

// Rejects is the path of the table of rejects that a view has of a version.
func Rejects(v *manifest.View, m *manifest.Manifest) string {
	if f, ok := v.Table(m, RejectsTable); ok {
		return f.Path
	}
	return TableName(m.Version, RejectsTable)
}

// The schemas of the ledger. A column that is there stays as it is; one comes behind the others, and who reads it in tables of
// earlier code versions too says in its selection what these have.
var (
	filesSchema = []columnar.Column{
		{Name: "source", Type: columnar.String, Dictionary: true},
		{Name: "path", Type: columnar.String},
		{Name: "bytes", Type: columnar.Int64},
		{Name: "format", Type: columnar.String, Dictionary: true},
		{Name: "document", Type: columnar.String, Dictionary: true},
		{Name: "compression", Type: columnar.String, Dictionary: true},
		{Name: "status", Type: columnar.String, Dictionary: true},
		{Name: "reason", Type: columnar.String, Dictionary: true},
		{Name: "documents", Type: columnar.Int64},
		{Name: "filtered", Type: columnar.Int64},
		{Name: "rejected", Type: columnar.Int64},
		{Name: "unread", Type: columnar.Int64},
		// Since code version 7: what the file was taken for ("" for UTF-8), and how many texts of it were in another encoding.
		{Name: "encoding", Type: columnar.String, Dictionary: true},
		{Name: "other_encoding", Type: columnar.Int64},
	}
	timesSchema = []columnar.Column{
		{Name: "source", Type: columnar.String, Dictionary: true},
		{Name: "path", Type: columnar.String},
		{Name: "mod_time", Type: columnar.Int64},
	}
	rejectsSchema = []columnar.Column{
		{Name: "id", Type: columnar.String},
		{Name: "source", Type: columnar.String, Dictionary: true},
		{Name: "path", Type: columnar.String, Dictionary: true},
		{Name: "offset", Type: columnar.Int64},
		{Name: "bytes", Type: columnar.Int64},
		{Name: "scope", Type: columnar.String, Dictionary: true},
		{Name: "verdict", Type: columnar.String, Dictionary: true},
		{Name: "reason", Type: columnar.String, Dictionary: true},
		{Name: "detail", Type: columnar.String},
	}
	duplicatesSchema = []columnar.Column{
		{Name: "id", Type: columnar.String},
		{Name: "winner_id", Type: columnar.String},
		{Name: "winner_version", Type: columnar.Int32},
		{Name: "kind", Type: columnar.String, Dictionary: true},
		{Name: "score", Type: columnar.Int32},
		{Name: "source", Type: columnar.String, Dictionary: true},
		{Name: "path", Type: columnar.String, Dictionary: true},
		{Name: "offset", Type: columnar.Int64},
	}
)

// Rows are handed to the table writer in pieces of this size, so that memory stays flat.
const (
	tableRows  = 8192
	tableBytes = 4 << 20
	tablePages = 4 // compressed side by side: the table of files is often the last thing that a run waits for
)

// table builds the rows of one ledger table: a value for every column in the order of the schema, then end. It keeps the
// first error. Not safe for concurrent use.
type table struct {
	w     columnar.TableWriter
	cols  []any
	next  int // column that the next value goes to
	rows  int // since the last flush
	bytes int // of strings, since the last flush
	all   int64
	err   error
}

// writeTable writes one ledger table of the version that is being made.
func writeTable(ctx context.Context, job *pipeline.Job, base string, schema []columnar.Column, fill func(*table) error) (dataset.File, error) {
	out, err := outputTable(ctx, job, TableName(job.Plan.Version, base), schema, fill)
	return dataset.FileOf(out), err
}

// outputTable writes one as the output of a task.
func outputTable(ctx context.Context, job *pipeline.Job, name string, schema []columnar.Column, fill func(*table) error) (pipeline.Output, error) {
	options := columnar.TableOptions{Level: 3, Metadata: pipeline.Lineage(job.Plan), Parallel: tablePages}
	return pipeline.WriteTable(ctx, job, name, pipeline.ParquetTable, schema, options,
		func(w columnar.TableWriter) (int64, error) {
			t := newTable(w, schema)
			if err := fill(t); err != nil {
				return 0, err
			}
			t.flush()
			return t.all, t.err
		})
}

func newTable(w columnar.TableWriter, schema []columnar.Column) *table {
	t := &table{w: w}
	for _, c := range schema {
		switch c.Type {
		case columnar.Int32:
			t.cols = append(t.cols, []int32(nil))
		case columnar.Int64:
			t.cols = append(t.cols, []int64(nil))
		default:
			t.cols = append(t.cols, &columnar.Strings{})
		}
	}
	return t
}

// text sets the next column of the row, a string.
func (t *table) text(v string) {
	s := t.cols[t.next].(*columnar.Strings)
	s.Data = append(s.Data, v...)
	s.Seal()
	t.bytes += len(v)
	t.next++
}

// hex sets the next column of the row, a string, to the digits of an id.
func (t *table) hex(id [16]byte) {
	s := t.cols[t.next].(*columnar.Strings)
	s.Data = hex.AppendEncode(s.Data, id[:])
	s.Seal()
	t.bytes += 2 * len(id)
	t.next++
}

// number sets the next column of the row, an integer.
func (t *table) number(v int64) {
	switch c := t.cols[t.next].(type) {
	case []int32:
		t.cols[t.next] = append(c, int32(v))
	case []int64:
		t.cols[t.next] = append(c, v)
	}
	t.next++
}

// end ends a row.
func (t *table) end() error {
	t.next = 0
	t.rows++
	t.all++
	if t.rows >= tableRows || t.bytes >= tableBytes {
		t.flush()
	}
	return t.err
}

func (t *table) flush() {
	if t.rows == 0 || t.err != nil {
		return
	}
	t.err = t.w.Write(t.cols...)
	for i, c := range t.cols {
		switch c := c.(type) {
		case *columnar.Strings:
			c.Reset()
		case []int32:
			t.cols[i] = c[:0]
		case []int64:
			t.cols[i] = c[:0]
		}
	}
	t.rows, t.bytes = 0, 0
}

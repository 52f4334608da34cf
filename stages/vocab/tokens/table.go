package tokens

import (
	"context"
	"errors"
	"maps"
	"strconv"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/counts"
	"github.com/millrace/millrace/pipeline/sorted"
)

// The columns of words.parquet and ngrams-<n>.parquet. count and documents are those of all live documents, the new ones those of the version's own.
var schema = []columnar.Column{
	{Name: "token", Type: columnar.String},
	{Name: "count", Type: columnar.Int64, Delta: true, Statistics: true},
	{Name: "documents", Type: columnar.Int64, Delta: true},
	{Name: "new_count", Type: columnar.Int64, Delta: true},
	{Name: "new_documents", Type: columnar.Int64, Delta: true},
}

// What the footer of a table says, beside pipeline.Lineage: of how many occurrences tokens have to be to stand in it, and what all tokens add up to.
const (
	metaLeast  = "millrace.least"
	metaTokens = "millrace.tokens"
	metaCount  = "millrace.count"
)

// rowsAtOnce are written at once.
const rowsAtOnce = 8192

// WriteTable writes the table of a kind, vocab/<version>/<kind>.parquet, of rows that tasks of merge left in files.
func WriteTable(ctx context.Context, job *pipeline.Job, kind string, files []string, sum Merged, least int64) (o pipeline.Output, err error) {
	work := sorted.NewHandles(ctx, job.Work)
	defer func() { err = errors.Join(err, work.Close()) }()
	meta := maps.Clone(pipeline.Lineage(job.Plan))
	meta[metaLeast], meta[metaTokens], meta[metaCount] = strconv.FormatInt(least, 10), strconv.FormatInt(sum.Tokens, 10), strconv.FormatInt(sum.Count, 10)
	name := pipeline.VocabFolder + "/" + pipeline.VersionName(job.Plan.Version) + "/" + kind + ".parquet"
	return pipeline.WriteTable(ctx, job, name, pipeline.ParquetTable, schema, columnar.TableOptions{Metadata: meta}, func(w columnar.TableWriter) (rows int64, err error) {
		t := tableRows{ctx: ctx, w: w}
		if n := numbered(kind); n > 0 {
			err = counts.EachGramRow(work, files, n, func(r *counts.GramRow) error {
				t.tokens.Data = counts.AppendGram(t.tokens.Data, n, r.Code)
				t.tokens.Seal()
				return t.add(r.Count, r.Documents, r.NewCount, r.NewDocuments)
			})
		} else {
			err = counts.EachRow(work, files, func(r *counts.Row) error {
				t.tokens.Append(r.Token)
				return t.add(r.Count, r.Documents, r.NewCount, r.NewDocuments)
			})
		}
		return t.rows, errors.Join(err, t.flush())
	})
}

// tableRows gathers rows.
type tableRows struct {
	ctx     context.Context
	w       columnar.TableWriter
	rows    int64
	tokens  columnar.Strings
	columns [4][]int64
}

// add ends a row, whose token is there.
func (t *tableRows) add(count, documents, newCount, newDocuments int64) error {
	c := &t.columns
	c[0], c[1], c[2], c[3] = append(c[0], count), append(c[1], documents), append(c[2], newCount), append(c[3], newDocuments)
	t.rows++
	if t.tokens.Len() < rowsAtOnce {
		return nil
	}
	return errors.Join(t.flush(), t.ctx.Err())
}

func (t *tableRows) flush() error {
	err := t.w.Write(&t.tokens, t.columns[0], t.columns[1], t.columns[2], t.columns[3])
	t.tokens.Reset()
	for i := range t.columns {
		t.columns[i] = t.columns[i][:0]
	}
	return err
}

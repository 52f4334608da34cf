package corpustest

import (
	"maps"
	"strconv"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// Token is a word, or a run of characters, of a table of a vocabulary.
type Token struct {
	Text                   string
	Count, Documents       int64
	NewCount, NewDocuments int64
	Below                  bool // it is counted, and does not stand in the table
}

// tokens writes the table of a kind, words or ngrams-2, as vocab does: the tokens have to be in order. It is in several groups of rows.
func (r *Run) tokens(t *testing.T, kind string, list []Token) pipeline.Output {
	t.Helper()
	schema := []columnar.Column{
		{Name: "token", Type: columnar.String},
		{Name: "count", Type: columnar.Int64, Statistics: true},
		{Name: "documents", Type: columnar.Int64},
		{Name: "new_count", Type: columnar.Int64},
		{Name: "new_documents", Type: columnar.Int64},
	}
	meta, count := maps.Clone(pipeline.Lineage(r.Job.Plan)), int64(0)
	for i := range list {
		count += list[i].Count
	}
	meta["millrace.least"], meta["millrace.tokens"], meta["millrace.count"] = "2", strconv.Itoa(len(list)), strconv.FormatInt(count, 10)
	name := pipeline.VocabFolder + "/" + pipeline.VersionName(r.Job.Plan.Version) + "/" + kind + ".parquet"
	o, err := pipeline.WriteTable(t.Context(), r.Job, name, pipeline.ParquetTable, schema, columnar.TableOptions{GroupBytes: 200, Metadata: meta},
		func(w columnar.TableWriter) (rows int64, err error) {
			for i := range list {
				if list[i].Below {
					continue
				}
				var token columnar.Strings
				token.Append([]byte(list[i].Text))
				one := func(n int64) []int64 { return []int64{n} }
				if err := w.Write(&token, one(list[i].Count), one(list[i].Documents), one(list[i].NewCount), one(list[i].NewDocuments)); err != nil {
					return rows, err
				}
				rows++
			}
			return rows, nil
		})
	pipelinetest.Must(t, err)
	return o
}

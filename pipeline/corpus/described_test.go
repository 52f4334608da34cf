package corpus

import (
	"testing"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/croissant"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// The card says something of each column, of no other, and of the vocabulary the columns that docs/formats has.
func TestDescribedColumns(t *testing.T) {
	all := func(name string, schema []columnar.Column, what map[string]string) {
		left := map[string]bool{}
		for column := range what {
			left[column] = placeWhat[column] == ""
		}
		for _, c := range schema {
			if what[c.Name] == "" {
				t.Errorf("nothing is said of the column %s of %s", c.Name, name)
			}
			delete(left, c.Name)
		}
		for column, own := range left {
			if own {
				t.Errorf("%s has no column %s", name, column)
			}
		}
	}
	for _, l := range ledger {
		all(l.base, l.schema, l.columns)
	}
	all("removed", ingest.RemovedSchema(), removedWhat)
	schema := func(list []croissant.Column) (schema []columnar.Column) {
		for _, c := range list {
			schema = append(schema, columnar.Column{Name: c.Name, Type: c.Type})
		}
		return schema
	}
	pipelinetest.DocumentedColumns(t, "vocabulary.md", "chars.parquet", schema(charsColumns))
	pipelinetest.DocumentedColumns(t, "vocabulary.md", "words.parquet and ngrams-2.parquet to ngrams-5.parquet", schema(tokenColumns))
}

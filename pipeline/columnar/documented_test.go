package columnar_test

import (
	"bytes"
	"testing"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats has the layout of spills.
func TestDocumentedSpill(t *testing.T) {
	var b bytes.Buffer
	w, err := columnar.NewSpillWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	pipelinetest.DocumentedWords(t, "spill.md", string(b.Bytes()[b.Len()-8:]))
	pipelinetest.DocumentedColumns(t, "spill.md", "Columns", []columnar.Column{
		{Name: "file", Type: columnar.Int32},
		{Name: "offset", Type: columnar.Int64},
		{Name: "chars", Type: columnar.Int32},
		{Name: "text", Type: columnar.String},
		{Name: "meta", Type: columnar.String},
	})
}

package lines

import (
	"os"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats names the files, and docs/signals.md the signals.
func TestDocumented(t *testing.T) {
	pipelinetest.DocumentedWords(t, "sorted.md", keysKind.Magic)
	page, err := os.ReadFile("../../docs/signals.md")
	if err != nil {
		t.Fatal(err)
	}
	f := Family()
	if len(f.Columns) != Columns {
		t.Errorf("%d columns", len(f.Columns))
	}
	for _, c := range f.Columns {
		if !strings.Contains(string(page), "| `"+c.Name+"` |") || c.Note == "" {
			t.Errorf("docs/signals.md does not explain %s, or it has no note", c.Name)
		}
	}
}

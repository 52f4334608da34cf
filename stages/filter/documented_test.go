package filter

import (
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// Every filter is explained among the reasons that a ledger may have.
func TestDocumentedReasons(t *testing.T) {
	for _, f := range filters {
		pipelinetest.DocumentedWords(t, "ledger.md", f.name)
	}
}

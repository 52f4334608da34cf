package order

import (
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats has the layout of ranks.
func TestDocumentedRanks(t *testing.T) {
	pipelinetest.DocumentedWords(t, "sorted.md", ranksKind(false).Magic, ranksKind(true).Magic)
}

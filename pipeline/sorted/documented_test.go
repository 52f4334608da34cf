package sorted

import (
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats has the layout of index files.
func TestDocumentedIndex(t *testing.T) {
	pipelinetest.DocumentedWords(t, "index.md", indexMagic, oldIndexMagic)
}

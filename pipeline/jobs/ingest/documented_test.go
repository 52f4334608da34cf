package ingest

import (
	"testing"

	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats says what an ingest leaves in the work folder.
func TestDocumentedBarren(t *testing.T) {
	pipelinetest.DocumentedKeys(t, "work.md", engine.BarrenName, barren{}, "result")
	pipelinetest.DocumentedKeys(t, "corpus.md", "Places of sources", places{})
}

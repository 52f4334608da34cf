package ingest

import (
	"testing"

	"millrace/pipeline/engine"
	"millrace/pipeline/pipelinetest"
)

// docs/formats says what an ingest leaves in the work folder.
func TestDocumentedBarren(t *testing.T) {
	pipelinetest.DocumentedKeys(t, "work.md", engine.BarrenName, barren{}, "result")
	pipelinetest.DocumentedKeys(t, "corpus.md", "Places of sources", places{})
}

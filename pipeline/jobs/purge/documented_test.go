package purge

import (
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats says what the plan of a purge holds.
func TestDocumentedBody(t *testing.T) {
	pipelinetest.DocumentedKeys(t, "work.md", "Body of a purge", body{})
}

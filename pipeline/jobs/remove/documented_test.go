package remove

import (
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats says what the plan of a removal holds.
func TestDocumentedBody(t *testing.T) {
	pipelinetest.DocumentedKeys(t, "work.md", "Body of a removal", body{})
}

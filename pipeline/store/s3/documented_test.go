package s3

import (
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats says what the lock of a bucket holds.
func TestDocumentedLock(t *testing.T) {
	pipelinetest.DocumentedKeys(t, "corpus.md", "Lock in a bucket", note{})
}

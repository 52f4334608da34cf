package cluster

import (
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats says what lies in the control plane.
func TestDocumentedControlPlane(t *testing.T) {
	pipelinetest.DocumentedKeys(t, "queue.md", "Record", Record{})
	pipelinetest.DocumentedKeys(t, "queue.md", "Request", Request{})
	pipelinetest.DocumentedKeys(t, "queue.md", "Progress", Progress{})
	pipelinetest.DocumentedKeys(t, "queue.md", "Worker", WorkerStatus{})
	pipelinetest.DocumentedWords(t, "queue.md", keyRun, keyProgress, keyPause, keyResume, keyCancel, keyStart+"<id>", keyEnded+"<id>", keyWorker+"<id>",
		keyFailed+"<plan>")
	for _, s := range []State{Planning, Running, Paused, Committing, Committed, Nothing, Failed, Cancelled} {
		pipelinetest.DocumentedWords(t, "queue.md", string(s))
	}
}

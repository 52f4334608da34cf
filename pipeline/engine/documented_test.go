package engine

import (
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats says what the engine leaves in the work folder, and in the queue.
func TestDocumentedWork(t *testing.T) {
	pipelinetest.DocumentedKeys(t, "corpus.md", "Identity", identity{})
	pipelinetest.DocumentedKeys(t, "work.md", ticketName, Ticket{})
	pipelinetest.DocumentedKeys(t, "spill.md", "Side file", side{}, "rejects", "pages")
	pipelinetest.DocumentedKeys(t, "queue.md", "State", state{})
}

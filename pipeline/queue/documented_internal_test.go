package queue

import (
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats says what lies in NATS.
func TestDocumentedMessages(t *testing.T) {
	pipelinetest.DocumentedKeys(t, "queue.md", "Published file", FileRef{})
	pipelinetest.DocumentedKeys(t, "queue.md", "Leader", leaderRecord{})
	pipelinetest.DocumentedWords(t, "queue.md", leaderKey, writerHeader, scheduleHeader, targetHeader, zoneHeader)
}

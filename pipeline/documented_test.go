package pipeline_test

import (
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats says what the files of this package hold.
func TestDocumentedFormats(t *testing.T) {
	pipelinetest.DocumentedKeys(t, "work.md", "plan.json", pipeline.Plan{})
	pipelinetest.DocumentedKeys(t, "work.md", "Ledger entry", pipeline.Entry{})
	pipelinetest.DocumentedKeys(t, "queue.md", "Task", pipeline.Task{})
	pipelinetest.DocumentedWords(t, "work.md", pipeline.PlanName, pipeline.VerdictDone, pipeline.VerdictDead, pipeline.VerdictVoid)
	for name := range pipeline.Lineage(&pipeline.Plan{}) {
		pipelinetest.DocumentedWords(t, "documents.md", name)
	}
}

// Every reason why a source does not give a file is explained.
func TestDocumentedReasons(t *testing.T) { pipelinetest.DocumentedReasons(t, "sources.go", 7) }

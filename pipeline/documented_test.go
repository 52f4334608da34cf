package pipeline_test

import (
	"os"
	"regexp"
	"testing"

	"millrace/pipeline"
	"millrace/pipeline/ingest"
	"millrace/pipeline/pipelinetest"
)

// docs/formats says what the files of this package hold.
func TestDocumentedFormats(t *testing.T) {
	pipelinetest.DocumentedColumns(t, "documents.md", "Columns", ingest.DocumentSchema())
	pipelinetest.DocumentedKeys(t, "work.md", "plan.json", pipeline.Plan{})
	pipelinetest.DocumentedKeys(t, "work.md", "Ledger entry", pipeline.Entry{})
	pipelinetest.DocumentedKeys(t, "work.md", "Account", ingest.AccountLine{})
	pipelinetest.DocumentedKeys(t, "work.md", "shards.json", ingest.Shard{})
	pipelinetest.DocumentedKeys(t, "queue.md", "Task", pipeline.Task{})
	pipelinetest.DocumentedWords(t, "work.md", ingest.KeptName, ingest.VerdictsName, ingest.ShardsName, pipeline.PlanName,
		pipeline.VerdictDone, pipeline.VerdictDead, pipeline.VerdictVoid)
	for name := range pipeline.Lineage(&pipeline.Plan{}) {
		pipelinetest.DocumentedWords(t, "documents.md", name)
	}
}

// Every reason that a ledger may have is explained.
func TestDocumentedReasons(t *testing.T) {
	source, err := os.ReadFile("reasons.go")
	if err != nil {
		t.Fatal(err)
	}
	reasons := regexp.MustCompile(`\bReason\w+\s*=\s*"(\w+)"`).FindAllSubmatch(source, -1)
	if len(reasons) < 20 {
		t.Fatalf("found %d reasons", len(reasons))
	}
	for _, m := range reasons {
		pipelinetest.DocumentedWords(t, "ledger.md", string(m[1]))
	}
}

package ingest_test

import (
	"testing"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats says what the files of this package hold.
func TestDocumentedFormats(t *testing.T) {
	pipelinetest.DocumentedColumns(t, "documents.md", "Columns", ingest.DocumentSchema())
	pipelinetest.DocumentedColumns(t, "removed.md", "Removed documents", ingest.RemovedSchema())
	pipelinetest.DocumentedKeys(t, "work.md", "Body of an ingest", ingest.Body{})
	pipelinetest.DocumentedKeys(t, "work.md", "Local of an ingest", ingest.Local{})
	pipelinetest.DocumentedKeys(t, "work.md", "Account", ingest.AccountLine{})
	pipelinetest.DocumentedKeys(t, "work.md", "shards.json", ingest.Shard{})
	pipelinetest.DocumentedWords(t, "work.md", ingest.KeptName, ingest.VerdictsName, ingest.WinnersName, ingest.ShardsName)
}

// Every reason that a ledger may have is explained.
func TestDocumentedReasons(t *testing.T) { pipelinetest.DocumentedReasons(t, "reasons.go", 15) }

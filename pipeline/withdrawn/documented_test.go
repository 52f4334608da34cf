package withdrawn_test

import (
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// TestDocumented: the page of the ledger says what the table has.
func TestDocumented(t *testing.T) {
	pipelinetest.DocumentedColumns(t, "ledger.md", withdrawn.Table, withdrawn.Schema())
	pipelinetest.DocumentedWords(t, "ledger.md", withdrawn.ReasonReplaced, withdrawn.ReasonVanished, withdrawn.ReasonRemoved, withdrawn.ReasonResembles)
}

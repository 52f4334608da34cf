package corpus

import (
	"testing"

	"millrace/pipeline/corpus/card"
	"millrace/pipeline/corpus/manifest"
	"millrace/pipeline/pipelinetest"
)

// docs/formats says what a corpus holds.
func TestDocumentedCorpus(t *testing.T) {
	pipelinetest.DocumentedKeys(t, "corpus.md", "Manifest", manifest.Manifest{})
	pipelinetest.DocumentedColumns(t, "ledger.md", FilesTable, filesSchema)
	pipelinetest.DocumentedColumns(t, "ledger.md", TimesTable, timesSchema)
	pipelinetest.DocumentedColumns(t, "ledger.md", digestsTable, digestsSchema)
	pipelinetest.DocumentedColumns(t, "ledger.md", RejectsTable, rejectsSchema)
	pipelinetest.DocumentedColumns(t, "ledger.md", DuplicatesTable, duplicatesSchema)
	pipelinetest.DocumentedWords(t, "ledger.md", manifest.StatusRead, manifest.StatusInPart, manifest.StatusRejected, ScopeDocument, ScopeFile, VerdictRejected, VerdictFiltered)
	pipelinetest.DocumentedWords(t, "corpus.md", card.Name, manifest.KindDrop, manifest.KindCompact)
}

package corpus

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/corpus/card"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats says what a corpus holds.
func TestDocumentedCorpus(t *testing.T) {
	pipelinetest.DocumentedKeys(t, "corpus.md", "Manifest", manifest.Manifest{})
	pipelinetest.DocumentedColumns(t, "ledger.md", FilesTable, filesSchema)
	pipelinetest.DocumentedColumns(t, "ledger.md", TimesTable, timesSchema)
	pipelinetest.DocumentedColumns(t, "ledger.md", digestsTable, digestsSchema)
	pipelinetest.DocumentedColumns(t, "ledger.md", RejectsTable, rejectsSchema)
	pipelinetest.DocumentedColumns(t, "ledger.md", PagesTable, pagesSchema)
	pipelinetest.DocumentedColumns(t, "ledger.md", DuplicatesTable, duplicatesSchema)
	pipelinetest.DocumentedColumns(t, "ledger.md", VanishedTable, vanishedSchema)
	pipelinetest.DocumentedColumns(t, "ledger.md", LostTable, lostSchema)
	pipelinetest.DocumentedWords(t, "ledger.md", manifest.StatusRead, manifest.StatusInPart, manifest.StatusRejected, ScopeDocument, ScopeFile, VerdictRejected, VerdictFiltered)
	pipelinetest.DocumentedWords(t, "corpus.md", card.Name, manifest.KindDrop, manifest.KindCompact)
}

// columnsOf are the columns of the documents by the format of the corpus. Schemas of others are made from them.
var columnsOf = map[int]string{4: "id text source path offset chars bytes metadata version copies"}

// Columns of the documents come with a new format, and never go.
func TestColumnsOfFormat(t *testing.T) {
	var names []string
	for _, c := range ingest.DocumentSchema() {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, " "); got != columnsOf[manifest.Format] {
		t.Errorf("documents have the columns %s; those of format %d are %s: give Format another number, which has its own line in columnsOf",
			got, manifest.Format, columnsOf[manifest.Format])
	}
}

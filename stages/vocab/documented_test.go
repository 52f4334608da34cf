package vocab

import (
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats has the tables of the vocabulary and the counts that they are made of.
func TestDocumentedVocabulary(t *testing.T) {
	pipelinetest.DocumentedColumns(t, "vocabulary.md", "chars.parquet", tableSchema)
	pipelinetest.DocumentedWords(t, "vocabulary.md", typeSpecial, typeChar, typeSpace)
	pipelinetest.DocumentedWords(t, "work.md", countsMagic)
}

package train

import (
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats says what the plan of a training holds, and what lies in a tokenizer's folder.
func TestDocumented(t *testing.T) {
	pipelinetest.DocumentedKeys(t, "work.md", "Body of a training", body{}, "settings", "corpus", "release")
	pipelinetest.DocumentedKeys(t, "tokenizer.md", "manifest.json", Manifest{})
	pipelinetest.DocumentedKeys(t, "tokenizer.md", "report.json", Report{}, "settings", "corpus", "release", "of")
	pipelinetest.DocumentedWords(t, "tokenizer.md", "vocab.tsv", "merges.tsv", "report.json")
}

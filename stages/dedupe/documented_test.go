package dedupe

import (
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats has the layout of the files of this package.
func TestDocumentedFiles(t *testing.T) {
	pipelinetest.DocumentedWords(t, "index.md", signaturesMagic, comparedMagic)
	pipelinetest.DocumentedWords(t, "sorted.md", keysKind.Magic, edgesKind.Magic, winnersKind.Magic, sketchesMagic)
	pipelinetest.DocumentedWords(t, "work.md", winnersRuns)
}

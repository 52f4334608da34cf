package counts

import (
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats has the layout of the files.
func TestDocumented(t *testing.T) {
	pipelinetest.DocumentedWords(t, "counts.md", magic, rowsMagic, magicOf(gramsMagic, 2), magicOf(gramsMagic, 3), magicOf(gramRowsMagic, 2), magicOf(gramRowsMagic, 3))
}

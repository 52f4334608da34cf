package pipelinetest

import (
	"testing"

	"github.com/millrace/millrace/pipeline"
)

func TestMemory(t *testing.T) {
	TestStore(t, func() pipeline.Store { return NewMemory() })
}

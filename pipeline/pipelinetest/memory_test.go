package pipelinetest

import (
	"testing"

	"millrace/pipeline"
)

func TestMemory(t *testing.T) {
	TestStore(t, func() pipeline.Store { return NewMemory() })
}

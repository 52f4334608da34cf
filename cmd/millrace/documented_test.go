package main

import (
	"testing"

	"millrace/pipeline/pipelinetest"
)

// docs/formats says what serve leaves in the work folder.
func TestDocumentedServer(t *testing.T) {
	pipelinetest.DocumentedKeys(t, "work.md", serverName, serverFile{})
}

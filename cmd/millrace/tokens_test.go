package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"millrace/pipeline/pipelinetest"
)

// Every package below sinks/tokens is a format in the table, under its own name, and is described.
func TestEveryTokenSink(t *testing.T) {
	var names []string
	for _, f := range tokenSinks() {
		names = append(names, f.Name)
		if f.New == nil {
			t.Errorf("%s writes nothing", f.Name)
		}
	}
	slices.Sort(names)
	list, err := os.ReadDir(filepath.Join("..", "..", "sinks", "tokens"))
	if err != nil {
		t.Fatal(err)
	}
	var packages []string
	for _, e := range list {
		packages = append(packages, e.Name())
	}
	if !slices.Equal(names, packages) {
		t.Errorf("formats %q of packages %q", names, packages)
	}
	pipelinetest.DocumentedWords(t, "tokens.md", names...)
}

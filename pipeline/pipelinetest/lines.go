package pipelinetest

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// JSONLines reads a file with a value of JSON a line, which has so many at least.
func JSONLines[T any](t testing.TB, name string, least int) (list []T) {
	t.Helper()
	data, err := os.ReadFile(name)
	Must(t, err)
	for line := range bytes.Lines(data) {
		var v T
		Must(t, json.Unmarshal(line, &v))
		list = append(list, v)
	}
	if len(list) < least {
		t.Fatalf("%s has %d lines, %d are the least", name, len(list), least)
	}
	return list
}

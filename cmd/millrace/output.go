package main

import (
	"encoding/json"
	"io"

	"millrace/pipeline"
)

// writeJSON prints the one JSON object of a command.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // text is shown as it is
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// number writes a count for people.
func number[T ~int | ~int32 | ~int64](n T) string { return pipeline.Thousands(n) }

// size writes a number of bytes for people.
func size(n int64) string { return pipeline.ByteSize(n) }

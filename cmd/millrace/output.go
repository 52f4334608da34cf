package main

import (
	"encoding/json"
	"fmt"
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

// tell prints what a command came to: the one JSON object of --json, or text for people.
func (a *app) tell(v any, text func(io.Writer) error) error {
	if a.json {
		return writeJSON(a.out, v)
	}
	return text(a.out)
}

// say is tell with a text of one format.
func (a *app) say(v any, format string, args ...any) error {
	return a.tell(v, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, format, args...)
		return err
	})
}

// printer keeps the first error of many prints.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// number writes a count for people.
func number[T ~int | ~int32 | ~int64](n T) string { return pipeline.Thousands(n) }

// size writes a number of bytes for people.
func size(n int64) string { return pipeline.ByteSize(n) }

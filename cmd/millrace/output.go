package main

import (
	"fmt"
	"io"

	"github.com/millrace/millrace/cmd/millrace/output"
)

// tell prints what a command came to: the one JSON object of --json, or text for people.
func (a *app) tell(v any, text func(io.Writer) error) error {
	if a.json {
		return output.JSON(a.out, v)
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

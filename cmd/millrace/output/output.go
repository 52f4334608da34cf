// Package output is what commands of millrace print, for people and as JSON: a function for the result of each of them. It decides
// nothing: what is done, and what becomes an error, is said by the commands.
package output

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/millrace/millrace/pipeline"
)

// JSON prints the one JSON object of a command.
func JSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // text is shown as it is
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// Printer prints lines for people, and keeps the first error of many prints.
type Printer struct {
	w   io.Writer
	err error
}

// NewPrinter prints to w.
func NewPrinter(w io.Writer) *Printer { return &Printer{w: w} }

// Err is the first error of all prints so far.
func (p *Printer) Err() error { return p.err }

// Printf prints, unless an earlier print failed.
func (p *Printer) Printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// number writes a count for people.
func number[T ~int | ~int32 | ~int64](n T) string { return pipeline.Thousands(n) }

// size writes a number of bytes for people.
func size(n int64) string { return pipeline.ByteSize(n) }

func are(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return pipeline.Counted(n, noun) + " are"
}

// label is the name of a list, before its first line alone.
func label(name string, line int) string {
	if line > 0 {
		return ""
	}
	return name
}

// indent keeps the lines of an excerpt below its first one; blank lines are left out.
func indent(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
	return strings.Join(lines, "\n          ")
}

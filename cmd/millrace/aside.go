package main

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"github.com/rs/zerolog"
)

// What is said beside the result of a command, on stderr.
const (
	asideHint    = "hint"
	asideNote    = "note"
	asideWarning = "warning"
	asidePlain   = "" // how far something is
)

// keyKind is the key of a log line that says what it is.
const keyKind = "kind"

// aside says something beside the result: as a line of text, or where stderr is JSON as a line of the log.
func (a *app) aside(kind, format string, args ...any) error {
	return writeAside(a.err, cmp.Or(a.logFormat, a.stdio.logFormat()) == logJSON, kind, fmt.Sprintf(format, args...))
}

// writeAside writes it, whatever level the log has.
func writeAside(w io.Writer, asJSON bool, kind, text string) error {
	if !asJSON {
		if kind != asidePlain {
			text = kind + ": " + text
		}
		_, err := fmt.Fprintln(w, text)
		return err
	}
	level := zerolog.InfoLevel
	if kind == asideWarning {
		level = zerolog.WarnLevel
	}
	line := &keptError{w: w}
	log := zerolog.New(line)
	e := log.WithLevel(level).Time(zerolog.TimestampFieldName, time.Now())
	if kind != asidePlain && kind != asideWarning {
		e = e.Str(keyKind, kind)
	}
	e.Msg(text)
	return line.err
}

// keptError keeps the error of a write, which a log does not tell.
type keptError struct {
	w   io.Writer
	err error
}

func (f *keptError) Write(p []byte) (n int, err error) {
	n, f.err = f.w.Write(p)
	return n, f.err
}

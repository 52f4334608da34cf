package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/jobs/release"
)

// Exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitUnreachable = 3
	exitRejected    = 4
	exitInterrupted = 130
)

// codeNames are what errors as JSON call them.
var codeNames = map[int]string{
	exitFailed: "failed", exitUsage: "usage", exitUnreachable: "unreachable", exitRejected: "rejected", exitInterrupted: "interrupted",
}

const exitStatus = `EXIT STATUS
  0    done
  1    failed, or what was checked is damaged
  2    usage or config: also a file, corpus, version, document or release that is named and not there
  3    a dependency is unreachable
  4    committed, but something was rejected (where no document came through, nothing is committed)
  130  interrupted; the same command again resumes`

// errRejected ends a run that committed its version, but could not take everything in.
var errRejected = errors.New("the version is committed, but something was rejected")

// errBarren ends a run that made no version, since no document came through.
var errBarren = errors.New("no version was made, for something was rejected and nothing came through")

// exitCode is the one place that turns an error into an exit code.
func exitCode(ctx context.Context, err error) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errRejected), errors.Is(err, errBarren), errors.Is(err, errRefused):
		return exitRejected
	case errors.Is(context.Cause(ctx), errInterrupted):
		return exitInterrupted
	// Whatever somebody names that is not there is one case, whichever package says so.
	case pipeline.IsOneOf(err, pipeline.ErrUsage, show.ErrNotFound, release.ErrNotFound):
		return exitUsage
	case errors.Is(err, pipeline.ErrUnreachable):
		return exitUnreachable
	}
	return exitFailed
}

// failure is an error as JSON, one line.
type failure struct {
	Level string `json:"level"` // as in the log
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
	Code  string `json:"code"` // of codeNames
	Exit  int    `json:"exit"`
}

// report tells what went wrong, and the way out: to a person, or as one line of JSON.
func report(w io.Writer, code int, err error, asJSON bool) {
	if code == exitDone {
		return
	}
	// The kind of error is said by the exit code.
	f := failure{Level: "error", Hint: pipeline.Hint(err), Code: codeNames[code], Exit: code}
	title := "error: "
	switch code {
	case exitInterrupted:
		if f.Hint == "" || !errors.Is(err, errInterrupted) { // else the command says itself what goes on without it
			err, f.Hint = errInterrupted, "the same command again resumes where this one stopped"
		}
	case exitRejected:
		f.Level, title = "warn", "warning: "
	}
	f.Error = pipeline.Plain(err)
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(f) // there is nowhere else to say it
		return
	}
	text := title + strings.ReplaceAll(f.Error, "\n", "\n       ")
	if f.Hint != "" {
		text += "\nhint: " + f.Hint
	}
	_, _ = fmt.Fprintln(w, text) // there is nowhere else to say it
}

// usageError is an error of the user's, with the way out.
func usageError(hint, format string, args ...any) error {
	err := fmt.Errorf("%w: %w", pipeline.ErrUsage, fmt.Errorf(format, args...))
	if hint == "" {
		return err
	}
	return pipeline.WithHint(err, hint)
}

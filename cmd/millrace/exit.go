package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/millrace/millrace/pipeline"
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

const exitStatus = `EXIT STATUS
  0    done
  1    failed
  2    usage or config
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
	case errors.Is(err, pipeline.ErrUsage):
		return exitUsage
	case errors.Is(err, pipeline.ErrUnreachable):
		return exitUnreachable
	}
	return exitFailed
}

// report tells a person what went wrong, and the way out.
func report(w io.Writer, code int, err error) {
	text, hint := "", pipeline.Hint(err)
	switch code {
	case exitDone:
		return
	case exitInterrupted:
		if hint == "" || !errors.Is(err, errInterrupted) { // else the command says itself what goes on without it
			err, hint = errInterrupted, "the same command again resumes where this one stopped"
		}
		text = "error: " + err.Error()
	case exitRejected:
		text = "warning: " + err.Error()
	default:
		// The kind of error is said by the exit code.
		text = "error: " + strings.ReplaceAll(pipeline.Plain(err), "\n", "\n       ")
	}
	if hint != "" {
		text += "\nhint: " + hint
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

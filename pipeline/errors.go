package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// PermanentError wraps an error that no retry will mend.
type PermanentError struct{ Err error }

func (e *PermanentError) Error() string { return e.Err.Error() }
func (e *PermanentError) Unwrap() error { return e.Err }

// Permanent marks an error as one that no retry will mend.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &PermanentError{err}
}

// IsPermanent says whether err was marked by Permanent.
func IsPermanent(err error) bool {
	_, ok := errors.AsType[*PermanentError](err)
	return ok
}

// RejectError says that an input cannot be read, with a reason of the closed list.
type RejectError struct {
	Reason string
	Err    error
}

func (e *RejectError) Error() string { return fmt.Sprintf("%s: %v", e.Reason, e.Err) }
func (e *RejectError) Unwrap() error { return e.Err }

// Kinds of failure that the command line tells apart.
var (
	// ErrUsage: the user asked for something that cannot be. Exit code 2.
	ErrUsage = errors.New("usage")
	// ErrUnreachable: a dependency does not answer. Exit code 3.
	ErrUnreachable = errors.New("unreachable")
)

// HintError carries the way out of an error, for people.
type HintError struct {
	Err  error
	Hint string
}

func (e *HintError) Error() string { return e.Err.Error() }
func (e *HintError) Unwrap() error { return e.Err }

// WithHint adds the way out to an error.
func WithHint(err error, hint string) error { return &HintError{err, hint} }

// Hint is the way out that err carries, "" if it carries none.
func Hint(err error) string {
	if h, ok := errors.AsType[*HintError](err); ok {
		return h.Hint
	}
	return ""
}

// IsOneOf says whether err is one of these, as errors.Is does.
func IsOneOf(err error, list ...error) bool {
	return slices.ContainsFunc(list, func(e error) bool { return errors.Is(err, e) })
}

// Cause prefers the reason why ctx ended to the errors that its end made.
func Cause(ctx context.Context, err error) error {
	if c := context.Cause(ctx); c != nil && !errors.Is(c, context.Canceled) {
		return c
	}
	return err
}

// Wrap says what the error that a function returns is about: it is deferred with its address.
func Wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), *err)
	}
}

// Plain is the text of an error for people: without the words that only say which kind it is of.
func Plain(err error) string {
	text := strings.ReplaceAll(err.Error(), ErrUsage.Error()+": ", "")
	return strings.ReplaceAll(text, ErrUnreachable.Error()+": ", "")
}

package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

// TestWrapped: what an error is can be told through every wrapper, and its text is that of the failure.
func TestWrapped(t *testing.T) {
	base := fmt.Errorf("open x: %w", fs.ErrNotExist)
	for name, err := range map[string]error{
		"permanent": Permanent(base),
		"hint":      WithHint(base, "look elsewhere"),
		"both":      Permanent(WithHint(base, "look elsewhere")),
		"told on":   fmt.Errorf("task: %w", WithHint(Permanent(base), "look elsewhere")),
		"reject":    &RejectError{"missing", base},
	} {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: what failed cannot be told", name)
		}
		want := map[string]string{"told on": "task: open x: file does not exist", "reject": "missing: open x: file does not exist"}[name]
		if want == "" {
			want = base.Error()
		}
		if err.Error() != want {
			t.Errorf("%s: %q, want %q", name, err, want)
		}
		if got, want := IsPermanent(err), name != "hint" && name != "reject"; got != want {
			t.Errorf("%s is permanent: %t, want %t", name, got, want)
		}
		if hint, ok := errors.AsType[*HintError](err); ok != (name != "permanent" && name != "reject") || ok && hint.Hint != "look elsewhere" {
			t.Errorf("%s: hint %v", name, hint)
		}
	}
	if Permanent(nil) != nil || IsPermanent(nil) {
		t.Error("no error is permanent")
	}
}

// TestWrap: a function that fails says for what it was called, and one that does not says nothing.
func TestWrap(t *testing.T) {
	open := func(name string, fails error) (err error) {
		defer Wrap(&err, "open %s", name)
		return fails
	}
	if err := open("x", nil); err != nil {
		t.Errorf("it has not failed: %v", err)
	}
	err := open("100 %s", WithHint(fs.ErrNotExist, "look elsewhere"))
	if err == nil || err.Error() != "open 100 %s: file does not exist" {
		t.Errorf("error %v", err)
	}
	if !IsOneOf(err, fs.ErrExist, fs.ErrNotExist) || IsOneOf(err, fs.ErrExist) || IsOneOf(nil, fs.ErrExist) {
		t.Errorf("what failed cannot be told: %v", err)
	}
	if Hint(err) != "look elsewhere" || Hint(fs.ErrExist) != "" {
		t.Errorf("hints %q and %q", Hint(err), Hint(fs.ErrExist))
	}
}

func TestCause(t *testing.T) {
	later, first := errors.New("broken off"), errors.New("the corpus was taken over")
	ctx, cancel := context.WithCancelCause(t.Context())
	if err := Cause(ctx, later); !errors.Is(err, later) {
		t.Errorf("before its end: %v", err)
	}
	cancel(first)
	if err := Cause(ctx, later); !errors.Is(err, first) {
		t.Errorf("after its end: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := Cause(ctx, later); !errors.Is(err, later) {
		t.Errorf("after an end without a reason: %v", err)
	}
}

func TestPlain(t *testing.T) {
	err := fmt.Errorf("%w: no such flag, and %w: no answer", ErrUsage, ErrUnreachable)
	if got := Plain(err); got != "no such flag, and no answer" {
		t.Errorf("%q", got)
	}
}

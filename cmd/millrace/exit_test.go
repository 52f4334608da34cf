package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/millrace/millrace/pipeline"
)

func TestExitCodeAndReport(t *testing.T) {
	alive := t.Context()
	interrupted, cancel := context.WithCancelCause(t.Context())
	cancel(errInterrupted)
	plain := errors.New("disk 1 is on fire\nand disk 2")
	for _, test := range []struct {
		name string
		ctx  context.Context
		err  error
		code int
		text string
	}{
		{"done", alive, nil, 0, ""},
		{"done in spite of a signal", interrupted, nil, 0, ""},
		{"failed", alive, plain, 1, "error: disk 1 is on fire\n       and disk 2\n"},
		{
			"hint", alive, fmt.Errorf("run: %w", pipeline.WithHint(plain, "water")), 1,
			"error: run: disk 1 is on fire\n       and disk 2\nhint: water\n",
		},
		{"usage", alive, fmt.Errorf("plan: %w: no files", pipeline.ErrUsage), 2, "error: plan: no files\n"},
		{"unreachable", alive, fmt.Errorf("%w: root /mnt", pipeline.ErrUnreachable), 3, "error: root /mnt\n"},
		{"rejected", alive, fmt.Errorf("%w: 2 files", errRejected), 4, "warning: " + errRejected.Error() + ": 2 files\n"},
		{
			"interrupted", interrupted, fmt.Errorf("phase map: %w", context.Canceled), 130,
			"error: interrupted\nhint: the same command again resumes where this one stopped\n",
		},
		{"canceled by nobody's signal", alive, context.Canceled, 1, "error: context canceled\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			code := exitCode(test.ctx, test.err)
			report(&out, code, test.err)
			if code != test.code || out.String() != test.text {
				t.Errorf("code %d, want %d\n%q\n%q", code, test.code, out.String(), test.text)
			}
		})
	}
}

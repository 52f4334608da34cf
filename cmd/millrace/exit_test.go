package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/jobs/release"
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
		{"not there", alive, fmt.Errorf("version 9: %w", show.ErrNotFound), 2, "error: version 9: not found\n"},
		{"not in a release", alive, fmt.Errorf("3f: %w", release.ErrNotFound), 2, "error: 3f: not found\n"},
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
			report(&out, code, test.err, false)
			if code != test.code || out.String() != test.text {
				t.Errorf("code %d, want %d\n%q\n%q", code, test.code, out.String(), test.text)
			}
		})
	}
}

// As JSON an error is one line, with the same text, hint and exit code.
func TestReportAsJSON(t *testing.T) {
	interrupted, cancel := context.WithCancelCause(t.Context())
	cancel(errInterrupted)
	for _, test := range []struct {
		ctx  context.Context
		err  error
		text string
	}{
		{t.Context(), nil, ""},
		{
			t.Context(), pipeline.WithHint(errors.New("a <b>\nand c"), "d & e"),
			`{"level":"error","error":"a <b>\nand c","hint":"d & e","code":"failed","exit":1}` + "\n",
		},
		{t.Context(), usageError("", "no files"), `{"level":"error","error":"no files","code":"usage","exit":2}` + "\n"},
		{t.Context(), errRejected, `{"level":"warn","error":"` + errRejected.Error() + `","code":"rejected","exit":4}` + "\n"},
		{
			interrupted, context.Canceled,
			`{"level":"error","error":"interrupted","hint":"the same command again resumes where this one stopped","code":"interrupted","exit":130}` + "\n",
		},
	} {
		var out bytes.Buffer
		code := exitCode(test.ctx, test.err)
		report(&out, code, test.err, true)
		if out.String() != test.text {
			t.Errorf("%s, want %s", out.String(), test.text)
		}
		if code != exitDone && codeNames[code] == "" {
			t.Errorf("code %d has no name", code)
		}
	}
}

// An error is JSON with --json and wherever the log is JSON, also where the arguments are what is wrong.
func TestErrorsAsJSON(t *testing.T) {
	for _, test := range []struct {
		args     string
		environ  []string
		terminal bool
		want     bool
	}{
		{args: "run x", want: true},
		{args: "run x", terminal: true},
		{args: "run x --json", terminal: true, want: true},
		{args: "run -- --json", terminal: true},
		{args: "run --log-format json", terminal: true, want: true},
		{args: "run --log-format=text"},
		{args: "run --log-format=text --json", want: true},
		{args: "run", environ: []string{config.LogFormatVariable + "=text"}},
		{args: "run --log-format", environ: []string{config.LogFormatVariable + "=json"}, terminal: true, want: true},
	} {
		if got := errorsAsJSON(strings.Fields(test.args), stdio{environ: test.environ, errTerminal: test.terminal}); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

// TestExitCodesOfAll: one rule of exit codes for every command. Where nothing is there of what its examples name, each says in one line of JSON that
// this is the user's error, or that something cannot be reached; none just fails. So does one with a flag that there is not, or without its config.
func TestExitCodesOfAll(t *testing.T) {
	t.Chdir(t.TempDir())
	ran := 0
	try := func(codes []int, args ...string) {
		t.Helper()
		var out, said bytes.Buffer
		code := run(t.Context(), args, stdio{in: strings.NewReader(""), out: &out, err: &said})
		ran++
		if !slices.Contains(codes, code) {
			t.Errorf("millrace %q: exit %d, want one of %v\n%s", args, code, codes, said.String())
		}
		if code == exitDone {
			return
		}
		var told failure
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &told); err != nil || told.Exit != code || told.Code != codeNames[code] || told.Error == "" {
			t.Errorf("millrace %q: exit %d is told as %q", args, code, lines[len(lines)-1])
		}
	}
	for _, c := range everyCommand(testRoot()) {
		if !c.Runnable() || c.HasSubCommands() {
			continue
		}
		name := strings.Fields(c.CommandPath())[1:]
		try([]int{exitUsage}, append(slices.Clone(name), "--no-such-flag")...)
		for line := range strings.SplitSeq(c.Example, "\n") {
			args := shellWords(t, strings.TrimSpace(line))
			if len(args) < 2 {
				continue
			}
			args = args[1:]
			if !slices.Contains(args, "--config") && c.InheritedFlags().Lookup("config") != nil {
				try([]int{exitDone, exitUsage}, append(slices.Clone(args), "--config", "nowhere.yaml")...)
			}
			if name[0] == "serve" || name[0] == "worker" { // without a config they would begin
				continue
			}
			try([]int{exitDone, exitUsage, exitUnreachable}, args...)
		}
	}
	if ran < 100 {
		t.Errorf("only %d command lines were tried", ran)
	}
}

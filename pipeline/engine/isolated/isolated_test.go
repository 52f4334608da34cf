package isolated

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// howEnv says what becomes of the task of TestProcess.
const howEnv = "INTERNAL_MILLRACE_HOW"

// TestProcess is a process that does one task.
func TestProcess(t *testing.T) {
	how := os.Getenv(howEnv)
	switch how {
	case "":
		t.Skip("it is the child process of TestRun, which starts it itself")
	case "mute":
		fmt.Fprintln(os.Stderr, "no such flag")
		os.Exit(7)
	}
	task, err := Task()
	if err != nil || task == nil {
		t.Fatalf("task %v, %v", task, err)
	}
	fmt.Println("a word of somebody else's")
	err = Say(os.Stdout, func(beat func()) ([]pipeline.Entry, error) {
		beat()
		switch how {
		case "refuse":
			return nil, &engine.IsolatedError{Text: "bad input", Permanent: true, Opened: []string{"a"}}
		case "fail":
			return nil, errors.New("no such work folder")
		case "panic":
			panic("poison")
		case "killed":
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		case "wait":
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(1)
		}
		return []pipeline.Entry{{Stage: task.Task.Stage, Index: task.Task.Index, Verdict: pipeline.VerdictDone, Reason: task.Sources["news"]}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	os.Exit(0)
}

// run has a task done in a process of its own.
func run(ctx context.Context, t *testing.T, how string, beat func()) ([]pipeline.Entry, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self, "-test.run=^TestProcess$", "-test.count=1")
	cmd.Env = append(os.Environ(), howEnv+"="+how)
	task := engine.IsolatedTask{Task: pipeline.Task{Stage: "parse", Index: 3}, Sources: map[string]string{"news": "/data"}}
	return Run(ctx, cmd, task, beat)
}

func TestRun(t *testing.T) {
	beats := 0
	beat := func() { beats++ }
	got, err := run(t.Context(), t, "done", beat)
	want := []pipeline.Entry{{Stage: "parse", Index: 3, Verdict: pipeline.VerdictDone, Reason: "/data"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil || beats != 3 { // it begins, it beats, it ends
		t.Errorf("%d beats, %v, entry (-want +got):\n%s", beats, err, diff)
	}

	_, err = run(t.Context(), t, "refuse", beat)
	refused, ok := errors.AsType[*engine.IsolatedError](err)
	if !ok {
		t.Fatalf("a task that cannot be done: %v", err)
	}
	if diff := cmp.Diff(&engine.IsolatedError{Text: "bad input", Permanent: true, Opened: []string{"a"}}, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}

	_, err = run(t.Context(), t, "fail", beat) // any other failure is none of the task
	if failed, ok := errors.AsType[*engine.IsolatedError](err); !ok || !failed.Store || failed.Permanent || failed.Text != "no such work folder" {
		t.Errorf("a task that fails: %#v", err)
	}

	for how, word := range map[string]string{"panic": "panic: poison", "killed": "killed"} {
		_, err = run(t.Context(), t, how, beat)
		if died, ok := errors.AsType[*engine.DiedError](err); !ok || !strings.Contains(died.How, word) {
			t.Errorf("%s: %v, want a DiedError that says %q", how, err, word)
		}
	}

	_, err = run(t.Context(), t, "mute", beat)
	if _, died := errors.AsType[*engine.DiedError](err); err == nil || died || !strings.Contains(err.Error(), "no such flag") {
		t.Errorf("a process that does not begin proves nothing against the task: %v", err)
	}
}

// TestRunCancelled: the process ends with the context.
func TestRunCancelled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := run(ctx, t, "wait", func() { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its context: %v", err)
	}
}

func TestTask(t *testing.T) {
	if task, err := Task(); task != nil || err != nil {
		t.Errorf("nobody started this process for a task: %v, %v", task, err)
	}
	t.Setenv(Env, "hello")
	if _, err := Task(); !errors.Is(err, pipeline.ErrUsage) {
		t.Errorf("a task that is none: %v", err)
	}
}

func TestTail(t *testing.T) {
	var tail tailWriter
	for range 3 {
		if n, err := tail.Write(make([]byte, maxTail/2+1)); n != maxTail/2+1 || err != nil {
			t.Errorf("write: %d, %v", n, err)
		}
	}
	if tail.Len() != maxTail {
		t.Errorf("%d bytes are kept, want %d", tail.Len(), maxTail)
	}
}

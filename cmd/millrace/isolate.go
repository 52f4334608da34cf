package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"millrace/pipeline"
	"millrace/pipeline/engine"
)

// taskEnv makes the command of a run or a worker do one task for the process that started it, and nothing else. It does not begin as
// the variables of settings do, of which an unknown one is an error.
const taskEnv = "INTERNAL_MILLRACE_TASK"

// said is one line of a process that does one task: nothing, at its begin and for every beat, or how the task has ended.
type said struct {
	Entry  *pipeline.Entry       `json:"entry,omitempty"`
	Failed *engine.IsolatedError `json:"failed,omitempty"`
}

const (
	maxSaid = 64 << 20 // a line with an entry; it has to fit into a message of the queue too
	maxTail = 8 << 10  // of what the process said on stderr
)

// isolate is engine.Isolate: it runs this very command once more, with the task in its environment. The process ends when its
// stdin does, which is when this one ends, however that happens.
func isolate(ctx context.Context, task engine.IsolatedTask, beat func()) (pipeline.Entry, error) {
	return isolateBy(ctx, exec.CommandContext(ctx, self(), os.Args[1:]...), task, beat)
}

// self is the program that runs, also if its file was replaced meanwhile.
func self() string {
	const running = "/proc/self/exe" // Linux
	if _, err := os.Stat(running); err == nil {
		return running
	}
	name, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return name
}

func isolateBy(ctx context.Context, cmd *exec.Cmd, task engine.IsolatedTask, beat func()) (entry pipeline.Entry, err error) {
	data, err := json.Marshal(task)
	if err != nil {
		return entry, err
	}
	// The kernel ends the process with the thread that started it; without that, it would end a moment later.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	tail := &tailWriter{}
	cmd.Args[0], cmd.Stderr, cmd.SysProcAttr = os.Args[0], tail, dieWithParent()
	cmd.Env = append(cmd.Environ(), taskEnv+"="+string(data))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return entry, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return entry, err
	}
	if err := cmd.Start(); err != nil {
		return entry, fmt.Errorf("start a process for one task: %w", err)
	}
	begun := false
	last := listenTo(stdout, func() { begun = true; beat() })
	err = cmd.Wait()
	_ = stdin.Close() // nothing is ever written to it
	switch {
	case ctx.Err() != nil:
		return entry, ctx.Err()
	case last.Entry != nil:
		return *last.Entry, nil
	case last.Failed != nil:
		return entry, last.Failed
	}
	how := cmd.ProcessState.String()
	if !begun {
		return entry, fmt.Errorf("a process for one task did not begin: %s: %s", how, strings.TrimSpace(tail.String()))
	}
	if text := tail.lastWords(); text != "" {
		how += ": " + text
	}
	return entry, &engine.DiedError{How: how}
}

// listenTo hears a process out, and returns how its task has ended, if it said so.
func listenTo(stdout io.Reader, beat func()) (last said) {
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, maxSaid)
	for lines.Scan() {
		var s said
		if json.Unmarshal(lines.Bytes(), &s) != nil {
			continue // a word of somebody else's
		}
		beat()
		if s.Entry != nil || s.Failed != nil {
			last = s
		}
	}
	_, _ = io.Copy(io.Discard, stdout) // whatever it is, the process must not wait for a reader
	return last
}

// tailWriter keeps the first words that are written to it.
type tailWriter struct{ bytes.Buffer }

func (t *tailWriter) Write(p []byte) (int, error) {
	t.Buffer.Write(p[:min(len(p), maxTail-min(t.Len(), maxTail))])
	return len(p), nil
}

// lastWords is what the runtime says of why it ends, "" if it said nothing.
func (t *tailWriter) lastWords() string {
	for line := range strings.Lines(t.String()) {
		if strings.HasPrefix(line, "fatal error:") || strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "runtime:") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// oneTask is the task that this process was started for, nil if it is a command of its own.
func oneTask() (*engine.IsolatedTask, error) {
	text, ok := os.LookupEnv(taskEnv)
	if !ok {
		return nil, nil //nolint:nilnil // there is none
	}
	var task engine.IsolatedTask
	if err := json.Unmarshal([]byte(text), &task); err != nil {
		return nil, usageError("", "%s is for millrace itself: %w", taskEnv, err)
	}
	return &task, nil
}

// doOneTask does it by do, and says on stdout how it goes. A signal is for who started this process, which ends it in time.
func (a *app) doOneTask(do func(beat func()) (pipeline.Entry, error)) error {
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() { // ends with the process
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(exitInterrupted)
	}()
	w := json.NewEncoder(a.out)
	if err := w.Encode(said{}); err != nil {
		return err
	}
	entry, err := do(func() { _ = w.Encode(said{}) }) // who listens has gone: the end of stdin says so too
	if failed, ok := errors.AsType[*engine.IsolatedError](err); ok {
		return w.Encode(said{Failed: failed})
	}
	if err != nil {
		return w.Encode(said{Failed: &engine.IsolatedError{Text: err.Error(), Store: true}})
	}
	return w.Encode(said{Entry: &entry})
}

// Package isolated does one task in a process of its own, for engine.Isolate: Run starts it and hears it out, Task and Say are for
// the process itself. The two speak in lines of JSON on its stdout; that its stdin ends says that who started it has gone.
package isolated

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
	"runtime"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
)

// Env is the variable that holds the task. It does not begin as the variables of settings do, of which an unknown one is an error.
const Env = "INTERNAL_MILLRACE_TASK"

// maxTail is how much is kept of what the process says on stderr.
const maxTail = 8 << 10

// Run runs cmd, which has to do the task that it finds by Task, and returns what that made of it, as engine.Isolate does. Stdin,
// stdout and stderr of cmd are taken. The process ends when its stdin does, which is when this one ends, however that happens.
func Run(ctx context.Context, cmd *exec.Cmd, task engine.IsolatedTask, beat func()) (entries []pipeline.Entry, err error) {
	data, err := json.Marshal(task)
	if err != nil {
		return entries, err
	}
	// The kernel ends the process with the thread that started it; without that, it would end a moment later.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	tail := &tailWriter{}
	cmd.Args[0], cmd.Stderr, cmd.SysProcAttr = os.Args[0], tail, dieWithParent()
	cmd.Env = append(cmd.Environ(), Env+"="+string(data))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return entries, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return entries, err
	}
	if err := cmd.Start(); err != nil {
		return entries, fmt.Errorf("start a process for one task: %w", err)
	}
	begun := false
	last := listen(stdout, func() { begun = true; beat() })
	err = cmd.Wait()
	_ = stdin.Close() // nothing is ever written to it
	switch {
	case ctx.Err() != nil:
		return entries, ctx.Err()
	case len(last.Entries) > 0:
		return last.Entries, nil
	case last.Failed != nil:
		return entries, last.Failed
	}
	how := cmd.ProcessState.String()
	if !begun {
		return entries, fmt.Errorf("a process for one task did not begin: %s: %s", how, strings.TrimSpace(tail.String()))
	}
	if text := tail.lastWords(); text != "" {
		how += ": " + text
	}
	return entries, &engine.DiedError{How: how}
}

// Task is the task that this process was started for, nil if it was not started by Run.
func Task() (*engine.IsolatedTask, error) {
	text, ok := os.LookupEnv(Env)
	if !ok {
		return nil, nil //nolint:nilnil // there is none
	}
	var task engine.IsolatedTask
	if err := json.Unmarshal([]byte(text), &task); err != nil {
		return nil, fmt.Errorf("%w: %s is for millrace itself: %w", pipeline.ErrUsage, Env, err)
	}
	return &task, nil
}

// Say does a task by do, and says on stdout, which w is, how it goes. The error is one of w: that the task failed is said.
func Say(w io.Writer, do func(beat func()) ([]pipeline.Entry, error)) error {
	lines := json.NewEncoder(w)
	if err := lines.Encode(said{}); err != nil {
		return err
	}
	entries, err := do(func() { _ = lines.Encode(said{}) }) // who listens has gone: the end of stdin says so too
	if failed, ok := errors.AsType[*engine.IsolatedError](err); ok {
		return lines.Encode(said{Failed: failed})
	}
	if err != nil {
		return lines.Encode(said{Failed: &engine.IsolatedError{Text: err.Error(), Store: true}})
	}
	return lines.Encode(said{Entries: entries})
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

// maxSaid is the longest line: it has an entry, which has to fit into a message of the queue too.
const maxSaid = 64 << 20

// said is one line of a process that does one task: nothing, at its begin and for every beat, or how the task has ended.
type said struct {
	Entries []pipeline.Entry      `json:"entries,omitempty"`
	Failed  *engine.IsolatedError `json:"failed,omitempty"`
}

// listen hears a process out, and returns how its task has ended, if it said so.
func listen(stdout io.Reader, beat func()) (last said) {
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, maxSaid)
	for lines.Scan() {
		var s said
		if json.Unmarshal(lines.Bytes(), &s) != nil {
			continue // a word of somebody else's
		}
		beat()
		if len(s.Entries) > 0 || s.Failed != nil {
			last = s
		}
	}
	_, _ = io.Copy(io.Discard, stdout) // whatever it is, the process must not wait for a reader
	return last
}

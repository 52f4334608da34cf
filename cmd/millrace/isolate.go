package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/engine/isolated"
)

// isolate is engine.Isolate: it runs this very command once more, with the task in its environment.
func isolate(ctx context.Context, task engine.IsolatedTask, beat func()) ([]pipeline.Entry, error) {
	return isolated.Run(ctx, exec.CommandContext(ctx, self(), os.Args[1:]...), task, beat)
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

// doOneTask does the task that this process was started for by do, and says on stdout how it goes. A signal is for who started
// this process, which ends it in time.
func (a *app) doOneTask(do func(beat func()) ([]pipeline.Entry, error)) error {
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() { // ends with the process
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(exitInterrupted)
	}()
	return isolated.Say(a.out, do)
}

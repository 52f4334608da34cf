package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
)

// workHereEnv makes millrace serve the worker of the one that started it, with so many slots. It does not begin as the variables of
// settings do, of which an unknown one is an error.
const workHereEnv = "INTERNAL_MILLRACE_WORK_HERE"

const (
	// workHereSoonest and workHereLatest are how long it takes until a worker that died is started again: longer each time.
	workHereSoonest = time.Second
	workHereLatest  = 30 * time.Second
	// workHereGrace is how long a worker has to end, beyond what it finishes its tasks in.
	workHereGrace = 10 * time.Second
)

// worksHere says whether this process is such a worker, and how many slots it has. It ends when its stdin does, which is when the one ends
// that started it, however that happens.
func worksHere() (slots int, ok bool) {
	slots, err := strconv.Atoi(os.Getenv(workHereEnv))
	if err != nil {
		return 0, false
	}
	go func() { // ends with the process
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(exitInterrupted)
	}()
	return slots, true
}

// What dies, and what becomes of the rest:
//
//	the worker                   its tasks are done again behind nats.ack_wait, and it is started again
//	the coordinator, told to     it tells the worker to stop, which finishes what it has in hand, and waits
//	the coordinator, killed      the stdin of the worker ends, and with it the worker; serve again goes on with the run
//	the worker, by its settings  the coordinator ends with exit code 2: they would be refused again
//
// workHere has a worker beside the coordinator until ctx ends, and waits for it to end: this very command once more, in a process of its own, so that
// what kills a worker (memory, a task that hangs) leaves the coordinator alone. One that dies is started again. One that refuses its
// settings is an error, for it would refuse them again.
func workHere(ctx context.Context, c config.Config, stderr io.Writer, log zerolog.Logger) error {
	for wait := workHereSoonest; ; wait = min(2*wait, workHereLatest) {
		began := time.Now()
		cmd := exec.CommandContext(ctx, self(), os.Args[1:]...)
		cmd.Args[0], cmd.Stderr = os.Args[0], stderr
		cmd.Env = append(os.Environ(), workHereEnv+"="+strconv.Itoa(c.Serve.WorkHere))
		// It is told to stop by us alone: a ^C that reached both would be its second one, which kills.
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = c.Worker.ShutdownTimeout + workHereGrace
		stdin, err := cmd.StdinPipe()
		if err != nil {
			return err
		}
		if err := cmd.Start(); err != nil {
			return fmt.Errorf("start a worker beside this process: %w", err)
		}
		err = cmd.Wait()
		_ = stdin.Close() // nothing is ever written to it
		if ctx.Err() != nil {
			return nil //nolint:nilerr // being told to stop is how it ends
		}
		if cmd.ProcessState.ExitCode() == exitUsage {
			return fmt.Errorf("%w: the worker beside this process refuses its settings: see above", pipeline.ErrUsage)
		}
		log.Error().Err(err).Stringer("ended", cmd.ProcessState).Msg("the worker beside this process has ended; it is started again")
		if time.Since(began) > workHereLatest {
			wait = workHereSoonest
		}
		if pipeline.Sleep(ctx, wait) != nil {
			return nil //nolint:nilerr // likewise
		}
	}
}

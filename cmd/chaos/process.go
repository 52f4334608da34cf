package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// restartAfter is how long a process that has ended is gone, as under systemd.
const restartAfter = 500 * time.Millisecond

// process is one that is started again whenever it ends, until the test does.
type process struct {
	name    string
	command func() *exec.Cmd
	log     string // file that all of its lives write to

	mu      sync.Mutex
	running *exec.Cmd // guarded by mu; nil between two lives
	paused  bool      // guarded by mu; by SIGSTOP
}

// keep runs the process again and again until ctx ends.
func (p *process) keep(ctx context.Context) error {
	log, err := os.Create(p.log)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // it is for people
	for life := 1; ctx.Err() == nil; life++ {
		cmd := p.command()
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Start(); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		p.mu.Lock()
		p.running, p.paused = cmd, false
		p.mu.Unlock()
		kill := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		kill()
		p.mu.Lock()
		p.running = nil
		p.mu.Unlock()
		_, _ = fmt.Fprintf(log, "--- life %d ended: %v\n", life, err)
		select {
		case <-ctx.Done():
		case <-time.After(restartAfter):
		}
	}
	return nil
}

// signal reports whether there was somebody to tell.
func (p *process) signal(s syscall.Signal) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil || p.paused && s != syscall.SIGCONT && s != syscall.SIGKILL {
		return false
	}
	switch s {
	case syscall.SIGSTOP:
		p.paused = true
	case syscall.SIGCONT:
		p.paused = false
	}
	return p.running.Process.Signal(s) == nil
}

// up says whether the process runs.
func (p *process) up() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running != nil && !p.paused
}

// fleet is all processes of a schedule.
type fleet struct {
	folder  string
	servers []*process // of NATS
	serves  []*process
	workers []*process
	buckets []*process // one, or none
	network *network   // nil: all are on loopback
	env     []string
}

func (f *fleet) all() []*process {
	return slices.Concat(f.servers, f.serves, f.workers, f.buckets)
}

// add makes a process that runs in a place of the network.
func (f *fleet) add(list *[]*process, name string, args ...string) {
	p := &process{name: name, log: filepath.Join(f.folder, name+".log")}
	p.command = func() *exec.Cmd {
		line := f.network.within(name, args)
		cmd := exec.Command(line[0], line[1:]...) //nolint:noctx // keep kills it
		cmd.Env = append(os.Environ(), f.env...)
		notOrphaned(cmd)
		return cmd
	}
	*list = append(*list, p)
}

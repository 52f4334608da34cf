package main

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// storm does one fault after the other to a fleet.
type storm struct {
	fleet  *fleet
	random *rand.Rand
	disk   string // of the work files; "" is none that may be filled
	say    func(format string, args ...any)

	healing sync.WaitGroup
	counts  map[string]int
	until   atomic.Int64 // Unix nanoseconds; it is calm behind that
}

// blowFor lets the storm blow for a while from now on.
func (s *storm) blowFor(long time.Duration) { s.until.Store(time.Now().Add(long).UnixNano()) }

// blow goes on until ctx ends, and then waits until everything is as it was.
func (s *storm) blow(ctx context.Context) {
	defer s.healing.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(200+s.random.IntN(1500)) * time.Millisecond):
		}
		if time.Now().UnixNano() < s.until.Load() {
			s.fault(ctx)
		}
	}
}

// fault does one, chosen by weight. A kill of a worker counts as a try of all its tasks, and no one can tell it from a task
// that kills its worker: so kills are not so frequent that one task would meet five of them.
func (s *storm) fault(ctx context.Context) {
	f := s.fleet
	long := time.Duration(500+s.random.IntN(7000)) * time.Millisecond
	if len(f.buckets) > 0 && s.random.IntN(8) == 0 {
		s.bucket(ctx, long)
		return
	}
	switch n := s.random.IntN(20); {
	case n < 4:
		s.tell(s.one(f.workers), syscall.SIGKILL, 0)
	case n < 6:
		s.tell(s.one(f.workers), syscall.SIGTERM, 0)
	case n < 8:
		s.tell(s.one(f.workers), syscall.SIGSTOP, long)
	case n < 10:
		s.tell(s.one(f.serves), syscall.SIGKILL, 0)
	case n < 11:
		s.tell(s.one(f.serves), syscall.SIGTERM, 0)
	case n < 13:
		s.tell(s.one(f.serves), syscall.SIGSTOP, long)
	case n < 15:
		s.server(syscall.SIGKILL, 0)
	case n < 16:
		s.server(syscall.SIGSTOP, long)
	case n < 18 && f.network != nil:
		list := f.workers
		if s.random.IntN(2) == 0 {
			list = f.servers
		}
		s.cut(ctx, s.one(list), long)
	case n < 20 && s.disk != "":
		s.damage(ctx, s.random.IntN(2) == 0, min(long, 3*time.Second))
	}
}

func (s *storm) one(list []*process) *process { return list[s.random.IntN(len(list))] }

// tell sends a signal, and a stopped process goes on after a while.
func (s *storm) tell(p *process, signal syscall.Signal, long time.Duration) {
	if !p.signal(signal) {
		return
	}
	s.note(signal.String() + " " + p.name)
	if signal == syscall.SIGSTOP {
		s.healing.Go(func() {
			time.Sleep(long)
			p.signal(syscall.SIGCONT)
		})
	}
}

// server does something to one server of NATS if the other two are well: three of which two are gone are no cluster.
func (s *storm) server(signal syscall.Signal, long time.Duration) {
	for _, p := range s.fleet.servers {
		if !p.up() {
			return
		}
	}
	s.tell(s.one(s.fleet.servers), signal, long)
}

// bucket does something to the object store.
func (s *storm) bucket(ctx context.Context, long time.Duration) {
	p := s.one(s.fleet.buckets)
	switch n := s.random.IntN(3); {
	case n == 0:
		s.tell(p, syscall.SIGKILL, 0)
	case n == 1 || s.fleet.network == nil:
		s.tell(p, syscall.SIGSTOP, long)
	default:
		s.cut(ctx, p, long)
	}
}

func (s *storm) cut(ctx context.Context, p *process, long time.Duration) {
	outside := context.WithoutCancel(ctx)
	if err := s.fleet.network.cut(outside, p.name, true); err != nil {
		s.say("cut %s off: %v", p.name, err)
		return
	}
	s.note("cut off " + p.name)
	s.healing.Go(func() {
		time.Sleep(long)
		if err := s.fleet.network.cut(outside, p.name, false); err != nil {
			s.say("heal %s: %v", p.name, err)
		}
	})
}

// damage fills the disk, or makes it read-only, for a while. The schedule waits for it.
func (s *storm) damage(ctx context.Context, full bool, long time.Duration) {
	outside := context.WithoutCancel(ctx)
	if full {
		s.note("disk full")
		name := filepath.Join(s.disk, "filler")
		f, err := os.Create(name)
		if err == nil {
			_, err = io.Copy(f, zeros{})
			_ = f.Close() // it is full
		}
		if err != nil && !errors.Is(err, syscall.ENOSPC) {
			s.say("fill the disk: %v", err)
		}
		time.Sleep(long)
		_ = os.Remove(name) // it may never have been made
		return
	}
	if exec.CommandContext(outside, "mount", "-o", "remount,ro", s.disk).Run() != nil {
		return // somebody has a file open
	}
	s.note("disk read-only")
	time.Sleep(long)
	if err := exec.CommandContext(outside, "mount", "-o", "remount,rw", s.disk).Run(); err != nil {
		s.say("make the disk writable: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func (s *storm) note(what string) {
	s.counts[what]++
	s.say("  %s", what)
}

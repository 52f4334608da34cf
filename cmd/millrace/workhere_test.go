package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline/cluster"
)

// TestServeWorksHere: one process is told to start, and does what a coordinator and a worker do. Its worker is killed in the midst of a run:
// another one takes its place. When it is told to stop, or is killed, nothing of it is left.
func TestServeWorksHere(t *testing.T) {
	t.Parallel()
	in := news(t, 41, 400)
	want := alone(t, in)
	f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"))
	serve := f.millrace("serve", "--work-here", "2")
	serve.waitFor(`"leading"`)
	first := f.onlyWorker(serve, 0)
	if first.Slots != 2 {
		t.Errorf("the worker has %d slots", first.Slots)
	}
	start := f.millrace("start", "--wait", "--json")
	if err := syscall.Kill(first.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	serve.waitFor("it is started again")
	f.finish(start, want)
	second := f.onlyWorker(serve, first.PID)
	f.stop(serve)
	f.gone(second.PID)
	f.tidy()

	serve = f.millrace("serve", "--work-here", "1")
	third := f.onlyWorker(serve, second.PID)
	serve.signal(syscall.SIGKILL)
	serve.wait()
	f.gone(third.PID)
}

// A worker that refuses its settings ends the coordinator, which says why.
func TestServeRefusesToWorkHere(t *testing.T) {
	t.Parallel()
	f := newFleet(t, news(t, 42, 2), filepath.Join(t.TempDir(), "corpus"), "worker: {stages: [nosuch]}")
	serve := f.millrace("serve", "--work-here", "1")
	if code := serve.wait(); code != exitUsage || !strings.Contains(serve.said(), "nosuch") {
		t.Errorf("exit %d: %s", code, tail(serve.said()))
	}
}

// onlyWorker waits until there is a worker with another process than the given one that is not silent, and no other of which that is true.
func (f *fleet) onlyWorker(serve *process, not int) cluster.WorkerStatus {
	f.t.Helper()
	for serve.running() {
		var s cluster.Status
		e := f.do("status", "--json")
		if e.code != exitDone || json.Unmarshal([]byte(e.stdout[max(0, strings.Index(e.stdout, "\n{\n")):]), &s) != nil {
			continue
		}
		for _, w := range s.Workers {
			if w.PID != not {
				return w
			}
		}
	}
	f.t.Fatalf("no worker came: %s", tail(serve.said()))
	return cluster.WorkerStatus{}
}

// running says whether the process has not ended.
func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// gone waits until a process has ended. What nobody waits for may be a zombie then.
func (f *fleet) gone(pid int) {
	f.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patienceOfTests); ; <-tick.C {
		state, err := exec.CommandContext(f.t.Context(), "ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
		if err != nil || strings.HasPrefix(string(state), "Z") {
			return
		}
		if time.Now().After(end) {
			f.t.Fatalf("process %d does not end: %s", pid, state)
		}
	}
}

package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline/jobs/ingest"
)

// standstill is longer than anything waits for an answer of the queue in a run of one process.
const standstill = 36 * time.Second

// TestSuspended: what is stopped for longer than its patience, at a random moment, goes on when it is let: nothing is given up
// for an answer that nobody waited for.
func TestSuspended(t *testing.T) {
	if testing.Short() {
		t.Skip("skip: it stands still for most of a minute")
	}
	t.Parallel()
	in := largeFile(t, 3000)
	clean := filepath.Join(t.TempDir(), "clean")
	if _, err := built(); err != nil { // which takes longer than a run
		t.Fatal(err)
	}
	started := time.Now()
	if e := execute(t, nil, "run", in, "--out", clean, "--json"); e.code != exitDone {
		t.Fatalf("undisturbed: exit %d\n%s", e.code, e.stderr)
	}
	took, want := time.Since(started), newest(t, clean)
	random := rand.New(rand.NewPCG(19, uint64(time.Now().UnixNano())))
	for i := range 6 {
		moment := time.Duration(random.Int64N(int64(took)))
		t.Run(fmt.Sprintf("run %d", i), func(t *testing.T) {
			t.Parallel()
			f := &fleet{t: t, out: filepath.Join(t.TempDir(), "out")}
			binary, err := built()
			if err != nil {
				t.Fatal(err)
			}
			p := f.start("run", nil, binary, "run", in, "--out", f.out)
			until(t, time.Now().Add(moment))
			suspend(t, p)
			if code := p.wait(); code != exitDone {
				t.Fatalf("suspended after %v: exit %d\n%s", moment, code, p.said())
			}
			f.holds(ingest.Result{Digest: want.Digest})
		})
	}
	for _, who := range []string{"all", "serve", "worker"} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"))
			f.configure(in, "nats: {ack_wait: 2s}")
			serve, worker := f.serve(), f.millrace("worker")
			worker.waitFor("waiting for a run")
			start := f.millrace("start", "--wait", "--id", "first")
			worker.waitFor(`"working"`)
			stopped := map[string][]*process{"all": {start, worker, serve}, "serve": {serve}, "worker": {worker}}[who]
			suspend(t, stopped...)
			select { // on a busy machine it takes a while until all have found each other again
			case <-start.ended:
			case <-time.After(2 * patienceOfTests):
			}
			if code := start.wait(); code != exitDone {
				t.Fatalf("start: exit %d\n%s", code, start.said())
			}
			if m := newest(t, f.out); m == nil || m.Totals.Documents != want.Totals.Documents {
				t.Errorf("%+v, want %+v", m, want.Totals)
			}
			verified(t, f.out)
			f.stop(worker, serve)
		})
	}
}

// suspend stops processes for a while. One that has ended is left alone.
func suspend(t *testing.T, list ...*process) {
	t.Helper()
	for _, p := range list {
		_ = p.cmd.Process.Signal(syscall.SIGSTOP)
	}
	until(t, time.Now().Add(standstill))
	for _, p := range list {
		_ = p.cmd.Process.Signal(syscall.SIGCONT)
	}
}

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
		t.Skip("skip: the program stands still for most of a minute")
	}
	t.Parallel()
	in := largeFile(t, 3000)
	clean := filepath.Join(t.TempDir(), "clean")
	binary, err := built() // which takes longer than a run
	if err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	if e := execute(t, nil, "run", in, "--out", clean, "--json"); e.code != exitDone {
		t.Fatalf("undisturbed: exit %d\n%s", e.code, e.stderr)
	}
	took, want := time.Since(started), newest(t, clean)
	random := rand.New(rand.NewPCG(19, uint64(time.Now().UnixNano())))
	var stopped []*process // all stand still for the same time: it is what takes long
	type alone struct {
		f      *fleet
		p      *process
		moment time.Duration
	}
	var runs []alone
	for i := range 6 {
		r := alone{f: &fleet{t: t, out: filepath.Join(t.TempDir(), "out")}, moment: time.Duration(random.Int64N(int64(took)))}
		r.p = r.f.start(fmt.Sprintf("run %d", i), nil, binary, "run", in, "--out", r.f.out)
		until(t, time.Now().Add(r.moment))
		stopped = append(stopped, r.p)
		suspend(r.p)
		runs = append(runs, r)
	}
	type together struct {
		who                  string
		f                    *fleet
		serve, worker, start *process
	}
	var clusters []together
	for _, who := range []string{"all", "serve", "worker"} {
		c := together{who: who, f: newFleet(t, in, filepath.Join(t.TempDir(), "corpus"))}
		c.f.configure(in, "nats: {ack_wait: 2s}")
		c.serve, c.worker = c.f.serve(), c.f.millrace("worker")
		c.worker.waitFor("waiting for a run")
		c.start = c.f.millrace("start", "--wait", "--id", "first")
		c.worker.waitFor(`"working"`)
		still := map[string][]*process{"all": {c.start, c.worker, c.serve}, "serve": {c.serve}, "worker": {c.worker}}[who]
		stopped = append(stopped, still...)
		suspend(still...)
		clusters = append(clusters, c)
	}
	until(t, time.Now().Add(standstill))
	for _, p := range stopped {
		_ = p.cmd.Process.Signal(syscall.SIGCONT)
	}
	for _, r := range runs {
		if code := r.p.wait(); code != exitDone {
			t.Fatalf("%s, suspended after %v: exit %d\n%s", r.p.name, r.moment, code, r.p.said())
		}
		r.f.holds(ingest.Result{Digest: want.Digest})
	}
	for _, c := range clusters {
		select { // on a busy machine it takes a while until all have found each other again
		case <-c.start.ended:
		case <-time.After(2 * patienceOfTests):
		}
		if code := c.start.wait(); code != exitDone {
			t.Fatalf("%s: start: exit %d\n%s", c.who, code, c.start.said())
		}
		if m := newest(t, c.f.out); m == nil || m.Totals.Documents != want.Totals.Documents {
			t.Errorf("%s: %+v, want %+v", c.who, m, want.Totals)
		}
		verified(t, c.f.out)
		c.f.stop(c.worker, c.serve)
	}
}

// suspend stops processes. One that has ended is left alone.
func suspend(list ...*process) {
	for _, p := range list {
		_ = p.cmd.Process.Signal(syscall.SIGSTOP)
	}
}

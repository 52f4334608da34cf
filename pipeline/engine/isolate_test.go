package engine

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
)

// processes is an Isolate that does tasks as another process would, after so many tries that end otherwise.
type processes struct {
	y     *toy
	ends  []error // what the first tries end with
	begun atomic.Int64
	tasks []IsolatedTask // that it was given
}

func (p *processes) isolate(ctx context.Context, it IsolatedTask, beat func()) ([]pipeline.Entry, error) {
	n := int(p.begun.Add(1)) - 1
	p.tasks = append(p.tasks, it)
	beat()
	if n < len(p.ends) {
		return nil, p.ends[n]
	}
	w := p.y.worker(nil, it.Stages...)
	return safely(ctx, w.hands[it.Task.Stage].run, it.Task, w.job)
}

// TestIsolated: a task that was tried often runs in a process of its own, and only what that one does counts.
func TestIsolated(t *testing.T) {
	died := &DiedError{"signal: killed"}
	broken := &IsolatedError{Text: "the disk is full", Store: true}
	tests := []struct {
		name     string
		ends     []error
		begun    int64  // how many processes
		dead     string // what the dead letter says; "": it was done
		attempts int
	}{
		{"does it", nil, 1, "", 4},
		{"dies", []error{died, died}, 3, "", 4},
		{"dies again and again", []error{died, died, died}, 3, "it killed 3 processes that did nothing else: signal: killed", 4},
		{"fails", []error{&IsolatedError{Text: "bad input"}}, 1, "bad input", 4},
		{"fails for good", []error{&IsolatedError{Text: "bad input", Permanent: true}}, 1, "bad input", 4},
		{"its store fails", []error{broken, broken}, 3, "", 4},
		{"does not begin", []error{errors.New("no such program")}, 2, "", 4},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			y := newToy(t, 2)
			y.slots = 1
			p := &processes{y: y, ends: tt.ends}
			y.isolate = p.isolate
			task := pipeline.Task{Stage: "read", Index: 1, Plan: y.plan.Digest()}
			if _, err := y.queue.Attempt(t.Context(), task, maxAttempts); err != nil {
				t.Fatal(err)
			}
			if err := y.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			e := y.entry("add", 1)
			if tt.dead == "" && e.Verdict != pipeline.VerdictDone || tt.dead != "" && (e.Verdict != pipeline.VerdictDead || e.Reason != tt.dead) {
				t.Errorf("entry %+v, want %q", e, tt.dead)
			}
			if n := y.attempts("read", 1); n != tt.attempts {
				t.Errorf("%d attempts were counted, want %d", n, tt.attempts)
			}
			if n := p.begun.Load(); n != tt.begun {
				t.Errorf("%d processes, want %d", n, tt.begun)
			}
			for _, it := range p.tasks {
				if it.Task != task || len(it.Stages) != len(y.chain.Names()) {
					t.Errorf("a process was to do %+v", it)
				}
			}
			if tt.dead != "" {
				y.lists = y.lists[:1]
			}
			y.check()
		})
	}
}

// TestIsolatedStoreIsGone: a store that fails a task's own process again and again ends the job, and so does a machine that starts none.
func TestIsolatedStoreIsGone(t *testing.T) {
	for _, end := range []error{&IsolatedError{Text: "the disk is full", Store: true}, errors.New("no such program")} {
		bubble(t, end.Error(), func(t *testing.T) {
			y := newToy(t, 1)
			y.slots = 1
			p := &processes{y: y, ends: []error{end, end, end, end, end, end}}
			y.isolate = p.isolate
			if _, err := y.queue.Attempt(t.Context(), pipeline.Task{Stage: "read"}, maxAttempts); err != nil {
				t.Fatal(err)
			}
			err := y.run(t.Context())
			if err == nil || err.Error() != "task read.000000: "+end.Error() || p.begun.Load() != maxStoreFailures+1 {
				t.Errorf("after %d processes: %v", p.begun.Load(), err)
			}
		})
	}
}

// TestIsolatedFindsDamage: a file that the other process met damaged is made anew, and the task is not to blame.
func TestIsolatedFindsDamage(t *testing.T) {
	bubble(t, "sums", func(t *testing.T) {
		y := newToy(t, 1)
		y.slots = 1
		p := &processes{y: y, ends: []error{&IsolatedError{Text: "unexpected end", Opened: []string{sumsName(0)}}}}
		y.isolate = func(ctx context.Context, it IsolatedTask, beat func()) ([]pipeline.Entry, error) {
			if p.begun.Load() == 0 {
				y.damage(ctx, "work/"+sumsName(0))
			}
			return p.isolate(ctx, it, beat)
		}
		if _, err := y.queue.Attempt(t.Context(), pipeline.Task{Stage: "total"}, maxAttempts); err != nil {
			t.Fatal(err)
		}
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		y.check()
		if n := y.times("add", 0); n != 2 {
			t.Errorf("the list was added up %d times", n)
		}
	})
}

// TestIsolatedToldToStop: a task that waits to be given another process is given back.
func TestIsolatedToldToStop(t *testing.T) {
	bubble(t, "between two processes", func(t *testing.T) {
		y := newToy(t, 1)
		died := &DiedError{"signal: killed"}
		p := &processes{y: y, ends: []error{died, died, died}}
		ctx, cancel := context.WithTimeout(t.Context(), firstDelay) // the next process comes later
		defer cancel()
		y.isolate = p.isolate
		task := pipeline.Task{Stage: "read", Plan: y.plan.Digest()}
		if _, err := y.queue.Attempt(t.Context(), task, maxAttempts); err != nil {
			t.Fatal(err)
		}
		if err := y.queue.Enqueue(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		if err := y.worker(y.queue).run(ctx, ctx); err != nil {
			t.Error(err)
		}
		if n, processes := y.attempts("read", 0), p.begun.Load(); n != maxAttempts || processes != 1 || y.entry("add", 0) != nil {
			t.Errorf("%d attempts, %d processes, entry %v", n, processes, y.entry("add", 0))
		}
	})
}

// TestIsolatedPoisonToldToStop: a worker that is told to stop while a task kills the process that it has of its own gives it back, without a
// word on it; one that is to take no more brings that to its end.
func TestIsolatedPoisonToldToStop(t *testing.T) {
	died := &DiedError{"signal: killed"}
	for _, tt := range []struct {
		name  string
		ends  error // of its first process, when its worker was told
		more  bool  // it is to take no more, and need not stop
		begun int64
	}{
		{"and ends its process", context.Canceled, false, 1},
		{"and its process dies", died, false, 1},
		{"and takes no more", died, true, maxDeaths},
	} {
		bubble(t, tt.name, func(t *testing.T) {
			y := newToy(t, 1)
			y.slots = 1
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			taking, take := context.WithCancel(ctx)
			p := &processes{y: y, ends: []error{tt.ends, died, died}}
			y.isolate = func(ctx context.Context, it IsolatedTask, beat func()) ([]pipeline.Entry, error) {
				if take(); !tt.more {
					stop()
				}
				return p.isolate(ctx, it, beat)
			}
			task := pipeline.Task{Stage: "read", Plan: y.plan.Digest()}
			if _, err := y.queue.Attempt(t.Context(), task, maxAttempts); err != nil {
				t.Fatal(err)
			}
			if err := y.queue.Enqueue(t.Context(), task); err != nil {
				t.Fatal(err)
			}
			if err := y.worker(y.queue).run(ctx, taking); err != nil {
				t.Error(err)
			}
			if n := p.begun.Load(); n != tt.begun {
				t.Errorf("%d processes, want %d", n, tt.begun)
			}
			if e := y.entry("add", 0); tt.more != (e != nil && e.Verdict == pipeline.VerdictDead) {
				t.Errorf("entry %+v", e)
			}
			waits, works, err := y.queue.Backlog(t.Context(), "read")
			if n := y.attempts("read", 0); tt.more != (n == maxAttempts+1) || tt.more != (waits+works == 0) || err != nil {
				t.Errorf("%d attempts, %d tasks wait, %d are in hand, %v", n, waits, works, err)
			}
			if tt.more {
				return
			}
			began := time.Now()
			if d, err := y.queue.Receive(t.Context(), []string{"read"}); err != nil || d.Task() != task || time.Since(began) > 0 {
				t.Errorf("it comes again as %v, %v", d, err)
			}
		})
	}
}

// TestTell: a process says that its task advances, and is silent while it does not.
func TestTell(t *testing.T) {
	bubble(t, "beats", func(t *testing.T) {
		p, said := &pulse{}, 0
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			p.tell(ctx, func() { said++ })
		}()
		for range 5 {
			p.beat(nil)
			p.beat(nil)
			time.Sleep(tellEvery + time.Millisecond)
		}
		time.Sleep(time.Minute)
		cancel()
		<-done
		if said != 5 {
			t.Errorf("it said so %d times", said)
		}
	})
}

// TestIsolatedErrors: what a task's own process says of its failure is told, and nothing else is made up.
func TestIsolatedErrors(t *testing.T) {
	died, failed := &DiedError{"signal: killed"}, &IsolatedError{Text: "bad input", Opened: []string{"a"}}
	if died.Error() != "signal: killed" || failed.Error() != "bad input" {
		t.Errorf("%v, %v", died, failed)
	}
	y := newToy(t, 1)
	y.slots = 1
	w := y.worker(y.queue)
	w.roots = map[string]string{"news": "/mnt/news"}
	var got IsolatedTask
	w.isolate = func(_ context.Context, it IsolatedTask, _ func()) ([]pipeline.Entry, error) {
		got = it
		return nil, failed
	}
	p := &pulse{}
	task := pipeline.Task{Stage: "read", Index: 7}
	if _, err := w.isolated(withPulse(t.Context(), p), task, w.job); !errors.Is(err, failed) || pipeline.IsPermanent(err) {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(IsolatedTask{Task: task, Stages: w.stages, Sources: w.roots}, got); diff != "" {
		t.Errorf("the process was told (-want +got):\n%s", diff)
	}
	if names := strings.Join(p.names(), " "); names != "a" || p.storeError() != nil {
		t.Errorf("it opened %q, its store failed with %v", names, p.storeError())
	}
}

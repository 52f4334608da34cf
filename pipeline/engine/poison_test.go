package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

var errPoison = errors.New("poison\nof two lines")

func poisons(context.Context, int) error { return errPoison }

func panics(context.Context, int) error { panic("poison") }

func poisonsForGood(context.Context, int) error { return pipeline.Permanent(errPoison) }

// TestPoisonDies: in a track whose tasks may die, one that fails again and again becomes a dead letter, and the others are done as if it
// were not there.
func TestPoisonDies(t *testing.T) {
	all := [][]string{nil, nil}
	apart := [][]string{{"read"}, {"sieve"}, {"add", "total", "print", "weigh", "index", "end"}}
	tests := []struct {
		name    string
		stage   string // that meets with it
		fault   fault
		sets    [][]string
		dead    string // the stage of the dead letter
		times   int    // how often the stage is tried
		reason  string
		earlier int // attempts that ended with their process
	}{
		{"errors", "read", poisons, all, "add", 4, "poison", 0},
		{"panics", "sieve", panics, all, "add", 4, "panic: poison", 0},
		{"writer panics", "add", panics, all, "add", 4, "panic: poison", 0},
		{"permanent", "sieve", poisonsForGood, all, "add", 1, "poison", 0},
		{"at the first worker", "read", poisons, apart, "read", 4, "poison", 0},
		{"at the second worker", "sieve", panics, apart, "sieve", 4, "panic: poison", 0},
		{"at the last worker", "add", poisonsForGood, apart, "add", 1, "poison", 0},
		{"died before", "read", poisons, all, "add", 1, "poison", 4},
		{"died alone too", "read", poisons, all, "add", 0, errTried.Error(), 5},
		{"long", "read", func(context.Context, int) error {
			return pipeline.Permanent(errors.New(strings.Repeat("毒", 100)))
		}, all, "add", 1, strings.Repeat("毒", 67), 0},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			y := newToy(t, 4)
			y.slots = 1
			y.befall(tt.stage, 3, tt.fault)
			if _, err := y.queue.Attempt(t.Context(), pipeline.Task{Stage: "read", Index: 3}, tt.earlier); err != nil {
				t.Fatal(err)
			}
			if err := y.run(t.Context(), tt.sets...); err != nil {
				t.Fatal(err)
			}
			e := y.entry(tt.dead, 3)
			if e == nil || e.Verdict != pipeline.VerdictDead || e.Reason != tt.reason || len(e.Outputs) > 0 || e.Sum.In > 0 {
				t.Errorf("entry %+v, want a dead letter that says %q", e, tt.reason)
			}
			if n := y.times(tt.stage, 3); n != tt.times {
				t.Errorf("it was tried %d times, want %d", n, tt.times)
			}
			y.lists = y.lists[:3]
			y.check()
		})
	}
}

// TestPoisonApart: where stages are apart and tasks may die, the stages behind a dead letter go on at once: they read by themselves.
func TestPoisonApart(t *testing.T) {
	bubble(t, "print", func(t *testing.T) {
		y := newToy(t, 3)
		y.chain[2].Tracks[0].MayDie = true
		y.befall("print", 1, poisonsForGood)
		began := time.Now()
		if err := y.run(t.Context(), []string{"read", "sieve", "add", "total", "index", "end"}, []string{"print"}, []string{"weigh"}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("the coordinator was waited for, for %v", took)
		}
		for i := range y.lists {
			p, w := y.entry("print", i), y.entry("weigh", i)
			if w == nil || w.Verdict != pipeline.VerdictDone || p == nil || (p.Verdict == pipeline.VerdictDead) != (i == 1) {
				t.Errorf("the ledger has %+v and %+v of %d", p, w, i)
			}
		}
	})
}

// TestPoisonEndsJob: elsewhere such a task ends the job, with an error that names it, and nothing later is begun.
func TestPoisonEndsJob(t *testing.T) {
	tests := []struct {
		stage string
		fault fault
		times int
	}{
		{"total", poisons, 4},
		{"index", panics, 4},
		{"weigh", poisonsForGood, 1},
	}
	for _, tt := range tests {
		bubble(t, tt.stage, func(t *testing.T) {
			y := newToy(t, 2)
			y.befall(tt.stage, 0, tt.fault)
			err := y.run(t.Context())
			failed, ok := errors.AsType[*RunError](err)
			if !ok || failed.Task.Index != 0 || !strings.Contains(err.Error(), "poison") {
				t.Errorf("error %v", err)
			}
			if n := y.times(tt.stage, 0); n != tt.times {
				t.Errorf("it was tried %d times, want %d", n, tt.times)
			}
			if y.times("end", 0) > 0 || y.entry(tt.stage, 0) != nil {
				t.Error("the job went on")
			}
		})
	}
}

// TestFailsNowAndThen: a task that fails twice is done at the third try, by stages that no try has left behind.
func TestFailsNowAndThen(t *testing.T) {
	for _, stage := range []string{"read", "sieve", "add", "total", "print", "weigh", "index", "end"} {
		bubble(t, stage, func(t *testing.T) {
			y := newToy(t, 2)
			y.befall(stage, 0, func(_ context.Context, n int) error {
				if n < 2 {
					panic("now and then")
				}
				return nil
			})
			if err := y.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			y.check()
			task := map[string]string{"sieve": "read", "add": "read", "weigh": "print"}[stage]
			if task == "" {
				task = stage
			}
			if n := y.attempts(task, 0); n != 3 {
				t.Errorf("%d attempts were counted", n)
			}
		})
	}
}

// TestStoreFails: what the store does is not counted against the task. If it goes on and on, it ends the job, which can be taken up
// again then.
func TestStoreFails(t *testing.T) {
	gone := fmt.Errorf("dial: %w", pipeline.ErrUnreachable)
	tests := []struct {
		name  string
		times int
		fail  func(y *toy, times int)
		want  error
	}{
		{"now and then", maxStoreFailures, failCommits, nil},
		{"for good", maxStoreFailures + 1, failCommits, pipelinetest.ErrDisk},
		{"a source", maxStoreFailures, failSource(gone), nil},
		{"a source for good", maxStoreFailures + 1, failSource(gone), pipeline.ErrUnreachable},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			y := newToy(t, 2)
			tt.fail(y, tt.times)
			err := y.run(t.Context())
			if _, counted := errors.AsType[*RunError](err); !errors.Is(err, tt.want) || counted {
				t.Fatalf("error %v, want %v", err, tt.want)
			}
			want := 1
			if tt.want != nil {
				want = 0
				if !strings.Contains(err.Error(), "task read.000001: ") {
					t.Errorf("error %v does not name the task", err)
				}
			}
			if n := y.attempts("read", 1); n != want {
				t.Errorf("%d attempts were counted, want %d", n, want)
			}
			if err := y.run(t.Context()); err != nil {
				t.Fatalf("taken up again: %v", err)
			}
			y.check()
		})
	}
}

func failCommits(y *toy, times int) {
	n := 0
	y.store.Fail(func(op, name string, _ int) bool {
		if op != "commit" || name != "work/"+sumsName(1) {
			return false
		}
		n++
		return n <= times
	})
}

func failSource(err error) func(*toy, int) {
	return func(y *toy, times int) {
		open, n := y.step("read").Step.Open, atomic.Int64{}
		y.step("read").Step.Open = func(ctx context.Context, job *pipeline.Job, task int) (pipeline.Reader, error) {
			if task == 1 && int(n.Add(1)) <= times {
				return nil, err
			}
			return open(ctx, job, task)
		}
	}
}

// TestRunsAlone: a task that was tried often runs while its worker does nothing else.
func TestRunsAlone(t *testing.T) {
	bubble(t, "the fourth try", func(t *testing.T) {
		y := newToy(t, 6)
		y.slots = 4
		if _, err := y.queue.Attempt(t.Context(), pipeline.Task{Stage: "read", Index: 2}, maxAttempts); err != nil {
			t.Fatal(err)
		}
		var begun atomic.Int64
		for i := range y.lists {
			y.befall("read", i, func(context.Context, int) error {
				if i != 2 {
					begun.Add(1)
					runtime.Gosched()
					return nil
				}
				before := begun.Load()
				for range 1000 {
					runtime.Gosched()
				}
				if n := begun.Load() - before; n > 0 {
					t.Errorf("%d batches of other tasks were begun beside it", n)
				}
				return nil
			})
		}
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		y.check()
		if n := y.attempts("read", 2); n != maxAttempts+1 {
			t.Errorf("%d attempts were counted", n)
		}
	})
}

// TestHangs: a task that does not advance is cancelled, and left behind if it does not heed that; it costs an attempt, and neither the
// tasks that come after it nor its next try have to wait for what it holds.
func TestHangs(t *testing.T) {
	tests := []struct {
		name  string
		heeds bool
	}{
		{"it heeds", true},
		{"it does not heed", false},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			y := newToy(t, 3)
			y.slots = 1
			release := make(chan struct{})
			y.befall("read", 1, hangsOnce(tt.heeds, release))
			w := y.worker(y.queue)
			slots := w.pool.current()
			taking, stop := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- w.run(t.Context(), taking) }()
			began := time.Now()
			if err := y.coordinator(y.queue.Join()).run(t.Context()); err != nil {
				t.Fatal(err)
			}
			stop()
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			y.check()
			if n := y.attempts("read", 1); n != 2 {
				t.Errorf("%d attempts were counted", n)
			}
			if took := time.Since(began); took < hangAfter*toyWait || took > (hangAfter+2)*toyWait {
				t.Errorf("it took %v until it was given up", took)
			}
			if renewed := w.pool.current() != slots; renewed == tt.heeds {
				t.Errorf("the slots were renewed: %t", renewed)
			}
			close(release)
		})
	}
}

// TestSlow: a task that takes long is nobody else's as long as it advances.
func TestSlow(t *testing.T) {
	bubble(t, "an hour", func(t *testing.T) {
		y := newToy(t, 1)
		y.befall("index", 0, func(ctx context.Context, _ int) error {
			for range 60 {
				time.Sleep(toyWait / 2) // takes no time in a bubble
				o, err := y.job().Work.Open(ctx, totalName)
				if err != nil {
					return err
				}
				if _, err := o.ReadAt(make([]byte, 1), 0); err != nil {
					return err
				}
				if err := o.Close(); err != nil {
					return err
				}
			}
			return nil
		})
		if err := y.run(t.Context(), nil, nil, nil); err != nil {
			t.Fatal(err)
		}
		y.check()
		if n := y.times("index", 0); n != 1 {
			t.Errorf("it was begun %d times", n)
		}
	})
}

// TestToldToStop: tasks in hand are given back at once, as if they had not been tried.
func TestToldToStop(t *testing.T) {
	bubble(t, "in the middle of a task", func(t *testing.T) {
		y := newToy(t, 1)
		ctx, cancel := context.WithCancel(t.Context())
		y.befall("sieve", 0, func(ctx context.Context, n int) error {
			if n > 0 {
				return nil
			}
			cancel()
			<-ctx.Done()
			return ctx.Err()
		})
		task := pipeline.Task{Stage: "read", Plan: y.plan.Digest()}
		if err := y.queue.Enqueue(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		if err := y.worker(y.queue).run(ctx, ctx); err != nil {
			t.Errorf("a worker that is told to stop ends with %v", err)
		}
		if n := y.attempts("read", 0); n != 0 {
			t.Errorf("%d attempts were counted", n)
		}
		began := time.Now()
		d, err := y.queue.Receive(t.Context(), []string{"read"})
		if err != nil || d.Task() != task || time.Since(began) > 0 {
			t.Errorf("it comes again after %v: %v, %v", time.Since(began), d, err)
		}
	})
}

// TestStopsTaking: a worker that is to take no more brings to its end what it has.
func TestStopsTaking(t *testing.T) {
	bubble(t, "with a task in hand", func(t *testing.T) {
		y := newToy(t, 2)
		y.slots = 1
		taking, stop := context.WithCancel(t.Context())
		y.befall("add", 0, func(context.Context, int) error { stop(); return nil })
		for i := range 2 {
			if err := y.queue.Enqueue(t.Context(), pipeline.Task{Stage: "read", Index: i, Plan: y.plan.Digest()}); err != nil {
				t.Fatal(err)
			}
		}
		if err := y.worker(y.queue).run(t.Context(), taking); err != nil {
			t.Errorf("a worker that is told to take no more ends with %v", err)
		}
		if y.entry("add", 0) == nil || y.entry("add", 1) != nil {
			t.Errorf("the ledger has %v and %v", y.entry("add", 0), y.entry("add", 1))
		}
		if waiting, working, err := y.queue.Backlog(t.Context(), "read"); waiting != 1 || working != 0 || err != nil {
			t.Errorf("%d tasks wait, %d are in hand, %v", waiting, working, err)
		}
	})
}

// TestForeignTask: a worker does no task of another plan, and the task stays.
func TestForeignTask(t *testing.T) {
	bubble(t, "of another plan", func(t *testing.T) {
		y := newToy(t, 1)
		if err := y.queue.Enqueue(t.Context(), pipeline.Task{Stage: "read", Plan: "another"}); err != nil {
			t.Fatal(err)
		}
		err := y.worker(y.queue).run(t.Context(), t.Context())
		if err == nil || !strings.Contains(err.Error(), "task read.000000 belongs to plan another, this worker has ") {
			t.Errorf("error %v", err)
		}
		if waiting, working, err := y.queue.Backlog(t.Context(), "read"); waiting+working != 1 || err != nil || y.times("read", 0) > 0 {
			t.Errorf("%d tasks wait, %d are in hand, %v", waiting, working, err)
		}
	})
}

// TestQueueGone: a worker whose queue is gone says so.
func TestQueueGone(t *testing.T) {
	bubble(t, "while it waits", func(t *testing.T) {
		y := newToy(t, 1)
		q := y.queue.Join()
		ended := make(chan error)
		go func() { ended <- y.worker(q).run(t.Context(), t.Context()) }()
		q.Close()
		if err := <-ended; !errors.Is(err, pipeline.ErrUnreachable) {
			t.Errorf("error %v", err)
		}
	})
}

// TestConflict: two results for one task end the job: it cannot be told which is right.
func TestConflict(t *testing.T) {
	other := pipeline.Entry{Stage: "add", Index: 0, Verdict: pipeline.VerdictDone, Rows: 99}
	dead := pipeline.Entry{Stage: "add", Index: 0, Verdict: pipeline.VerdictDead, Reason: "somebody else gave it up"}
	for name, stands := range map[string]pipeline.Entry{"done": other, "dead": dead} {
		bubble(t, name, func(t *testing.T) {
			y := newToy(t, 2)
			y.hook = func(point string) { // another worker was faster
				if point == "worker:computed" && y.entry("add", 0) == nil {
					if _, err := y.queue.Record(t.Context(), pipeline.Task{Stage: "add"}, stands); err != nil {
						t.Error(err)
					}
				}
			}
			y.slots = 1
			err := y.run(t.Context())
			if name == "dead" { // it stands, and the job goes on by it
				if e := y.entry("add", 0); errors.Is(err, pipeline.ErrConflict) || e.Verdict != pipeline.VerdictDead {
					t.Errorf("%v, entry %+v", err, e)
				}
				return
			}
			failed, ok := errors.AsType[*RunError](err)
			if !ok || !errors.Is(err, pipeline.ErrConflict) || failed.Task.String() != "read.000000" {
				t.Errorf("error %v", err)
			}
			if y.times("total", 0) > 0 {
				t.Error("the job went on")
			}
		})
	}
}

// TestRecovered: a panic is an error that says where.
func TestRecovered(t *testing.T) {
	err := guarded(func() error { panic(io.ErrUnexpectedEOF) })
	if err == nil || !strings.HasPrefix(err.Error(), "panic: unexpected EOF\n") || !strings.Contains(err.Error(), "poison_test.go") {
		t.Errorf("error %v", err)
	}
}

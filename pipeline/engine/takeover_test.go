package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/queue/memory"
)

// killer ends a process at a point that it comes to: its queue is closed, and nothing that it writes is kept.
type killer struct {
	y      *toy
	last   func(points []string) bool // whether the latest of them is that point
	cancel context.CancelFunc

	mu     sync.Mutex
	queues []*memory.Queue // guarded by mu, as are the others
	points []string
	dead   bool
}

func (k *killer) join() *memory.Queue {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.queues = append(k.queues, k.y.queue.Join())
	return k.queues[len(k.queues)-1]
}

func (k *killer) point(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.points = append(k.points, name)
	if k.dead || !k.last(k.points) {
		return
	}
	k.dead = true
	k.y.store.Fail(func(string, string, int) bool { return true })
	for _, q := range k.queues {
		q.Close()
	}
	k.cancel()
}

// runKilled does the job in one process that is killed behind so many points, and says whether it was.
func (y *toy) runKilled(ctx context.Context, after int, sets ...[]string) (killed bool, points []string) {
	return y.runKilledAt(ctx, func(points []string) bool { return len(points) > after }, sets...)
}

// runKilledAt does the job in one process that is killed at a point, and says whether it was.
func (y *toy) runKilledAt(ctx context.Context, last func(points []string) bool, sets ...[]string) (killed bool, points []string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	k := &killer{y: y, last: last, cancel: cancel}
	y.hook = k.point
	g, ctx := errgroup.WithContext(ctx)
	working, stop := context.WithCancel(ctx)
	defer stop()
	for _, stages := range sets {
		w := y.worker(k.join(), stages...)
		g.Go(func() error { return w.run(working, working) })
	}
	c := y.coordinator(k.join())
	g.Go(func() error {
		defer stop()
		return c.run(working)
	})
	err := g.Wait()
	y.hook = func(string) {}
	y.store.Fail(nil)
	if err != nil && !k.dead {
		y.t.Fatal(err)
	}
	return k.dead, k.points
}

// TestKilledAnywhere: a process may be killed at any point of a job, and the next one ends it: the same bytes, and every document
// accounted for.
func TestKilledAnywhere(t *testing.T) {
	for name, sets := range map[string][][]string{
		"carried":     {nil},
		"handed over": {{"read"}, {"sieve"}, {"add"}, {"total", "index", "end"}, {"print"}, {"weigh"}},
	} {
		var want map[string]string
		seen := map[string]bool{}
		bubble(t, name+" without", func(t *testing.T) {
			y := newToy(t, 2)
			_, points := y.runKilled(t.Context(), 1_000_000, sets...)
			for _, p := range points {
				seen[p] = true
			}
			want = y.results()
		})
		for _, p := range []string{
			"worker:attempted", "worker:computed", "worker:recorded", "worker:handed over", "store:written", "store:renamed",
			"phase:map:enqueued", "phase:map", "phase:total:enqueued", "phase:total", "phase:emit:enqueued", "phase:emit", "phase:end:enqueued", "phase:end",
		} {
			if !seen[p] {
				t.Errorf("%s: nothing is killed at %s", name, p)
			}
		}
		for after, killed := 0, true; killed; after++ {
			bubble(t, fmt.Sprint(name, " ", after), func(t *testing.T) {
				y := newToy(t, 2)
				y.slots = 1
				var points []string
				killed, points = y.runKilled(t.Context(), after, sets...)
				if err := y.run(t.Context(), sets...); err != nil {
					t.Fatalf("killed at %s: %v", points[after], err)
				}
				y.check()
				sameBytes(t, want, y.results())
			})
		}
	}
}

// TestCoordinatorDies: workers go on while a coordinator dies, at any of its points, and the next one takes over from state and ledger:
// nothing is done twice.
func TestCoordinatorDies(t *testing.T) {
	var points []string
	for _, phase := range []string{"map", "total", "emit", "end"} {
		points = append(points, "phase:"+phase+":enqueued", "phase:"+phase)
	}
	for _, point := range points {
		bubble(t, point, func(t *testing.T) {
			y := newToy(t, 3)
			working, stop := context.WithCancel(t.Context())
			ended := make(chan error)
			w := y.worker(y.queue.Join())
			go func() { ended <- w.run(working, working) }()

			ctx, cancel := context.WithCancel(t.Context())
			y.hook = func(p string) {
				if p == point {
					cancel()
				}
			}
			if err := y.coordinator(y.queue.Join()).run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			y.hook = func(string) {}
			for range 2 { // the second one finds it done
				if err := y.coordinator(y.queue.Join()).run(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			stop()
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			y.check()
			for _, stage := range y.chain.Names() {
				if n := y.times(stage, 0); n != 1 {
					t.Errorf("%s was done %d times", stage, n)
				}
			}
			state, _, err := y.queue.State(t.Context())
			if want := fmt.Sprintf(`{"plan":%q,"phase":"end"}`, y.plan.Digest()); string(state) != want || err != nil {
				t.Errorf("state %s, %v, want %s", state, err, want)
			}
		})
	}
}

// TestTwoCoordinators: one that was thought dead, and goes on after another has moved the state, is fenced off and does no harm.
func TestTwoCoordinators(t *testing.T) {
	bubble(t, "the first one stands still behind the map", func(t *testing.T) {
		y := newToy(t, 3)
		stands, goes := make(chan struct{}), make(chan struct{})
		y.hook = func(point string) {
			if point == "phase:map" {
				close(stands)
				<-goes
			}
		}
		first, second := y.coordinator(y.queue.Join()), (*coordinator)(nil)
		y.hook = func(string) {}
		second = y.coordinator(y.queue.Join())
		working, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		w := y.worker(y.queue.Join())
		go func() { ended <- w.run(working, working) }()
		fenced := make(chan error)
		go func() { fenced <- first.run(t.Context()) }()
		<-stands
		if err := second.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		close(goes)
		if err := <-fenced; !errors.Is(err, pipeline.ErrFenced) {
			t.Errorf("the first coordinator ends with %v", err)
		}
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		y.check()
	})
	bubble(t, "both from the beginning", func(t *testing.T) {
		y := newToy(t, 3)
		working, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		w := y.worker(y.queue.Join())
		go func() { ended <- w.run(working, working) }()
		ends := make(chan error)
		for range 2 {
			c := y.coordinator(y.queue.Join())
			go func() { ends <- c.run(t.Context()) }()
		}
		fenced := 0
		for range 2 {
			if err := <-ends; errors.Is(err, pipeline.ErrFenced) {
				fenced++
			} else if err != nil {
				t.Error(err)
			}
		}
		if fenced == 2 { // then a third one has to go on
			if err := y.coordinator(y.queue.Join()).run(t.Context()); err != nil {
				t.Error(err)
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		y.check()
	})
}

// TestQueueLost: a queue that was lost with all that it knew is rebuilt from the plan: everything is done again, and comes out the same.
func TestQueueLost(t *testing.T) {
	for _, point := range []string{"phase:map:enqueued", "phase:total", "phase:end"} {
		bubble(t, point, func(t *testing.T) {
			y := newToy(t, 3)
			ctx, cancel := context.WithCancel(t.Context())
			y.hook = func(p string) {
				if p == point {
					cancel()
				}
			}
			if err := y.run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			y.hook = func(string) {}
			y.queue = memory.New(memory.Options{Stages: y.chain.Names(), AckWait: toyWait})
			if err := y.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			y.check()
		})
	}
}

// TestWorkLost: what was written can be lost too, with the ledger standing: it is made again.
func TestWorkLost(t *testing.T) {
	bubble(t, "all of it", func(t *testing.T) {
		y := newToy(t, 3)
		if err := y.run(t.Context(), []string{"read"}, []string{"sieve", "add"}, []string{"total", "print", "weigh", "index", "end"}); err != nil {
			t.Fatal(err)
		}
		want := y.results()
		for _, folder := range []string{"work", "out"} {
			if err := y.store.Remove(t.Context(), folder); err != nil {
				t.Fatal(err)
			}
		}
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		y.check()
		sameBytes(t, want, y.results())
	})
}

// TestForeignLedger: an entry of a stage that the chain does not have ends the job: something is wrong with the queue.
func TestForeignLedger(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		y := newToy(t, 1)
		y.queue = memory.New(memory.Options{Stages: append(y.chain.Names(), "saw"), AckWait: toyWait})
		if _, err := y.queue.Record(t.Context(), pipeline.Task{Stage: "saw"}, pipeline.Entry{Stage: "saw", Verdict: pipeline.VerdictDone}); err != nil {
			t.Fatal(err)
		}
		err := y.coordinator(y.queue).run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "an entry of stage saw, which is in no phase of the chain") {
			t.Errorf("error %v", err)
		}
	})
}

// TestGate: the gate of a phase is asked when the phase is over, with what it left; its error ends the job, and nothing later is begun.
func TestGate(t *testing.T) {
	stop := errors.New("too many rejects")
	bubble(t, "shut, then open", func(t *testing.T) {
		y := newToy(t, 2)
		asked, shut := 0, true
		y.chain[0].Gate = func(ctx context.Context, job *pipeline.Job) error {
			asked++
			entries, err := job.Entries(ctx, "add")
			if err != nil || len(entries) != 2 {
				t.Errorf("the gate sees %v, %v", entries, err)
			}
			if shut {
				return stop
			}
			return nil
		}
		if err := y.run(t.Context()); !errors.Is(err, stop) {
			t.Errorf("error %v", err)
		}
		if y.times("total", 0) > 0 || asked != 1 {
			t.Errorf("total was begun %d times, the gate was asked %d times", y.times("total", 0), asked)
		}
		shut = false
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		y.check()
		if y.times("read", 0) != 1 || asked != 2 {
			t.Errorf("read was done %d times, the gate was asked %d times", y.times("read", 0), asked)
		}
	})
}

// TestTasksFail: a phase whose tasks cannot be counted ends the job, with its name.
func TestTasksFail(t *testing.T) {
	bubble(t, "emit", func(t *testing.T) {
		y := newToy(t, 1)
		y.chain[2].Tracks[0].Tasks = func(context.Context, *pipeline.Job) (int, error) { return 0, pipelinetest.ErrDisk }
		err := y.run(t.Context())
		if !errors.Is(err, pipelinetest.ErrDisk) || !strings.HasPrefix(err.Error(), "phase emit: ") {
			t.Errorf("error %v", err)
		}
	})
}

// TestNoTasks: a track may have none.
func TestNoTasks(t *testing.T) {
	bubble(t, "no lists", func(t *testing.T) {
		y := newToy(t, 0)
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		y.lists = nil
		out, _, _, _, _ := y.want()
		got := y.results()
		for name, want := range out {
			if diff := cmp.Diff(want, got[name]); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	})
}

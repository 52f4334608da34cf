package engine

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
)

// job is what one process has of the job.
func (y *toy) job() *pipeline.Job {
	return &pipeline.Job{
		Plan: y.plan, Chain: y.chain, Corpus: y.corpus, Work: watched(y.work, y.hook), Out: watched(y.out, y.hook),
	}
}

// worker is a worker in a process of its own. Without stages it has all.
func (y *toy) worker(q pipeline.Queue, stages ...string) *worker {
	if len(stages) == 0 {
		stages = y.chain.Names()
	}
	o := &Options{Slots: y.slots, Observer: y.observer(), Log: y.log(), AckWait: toyWait, Isolate: y.isolate, Hook: y.hook}
	return newWorker(o, q, y.job(), y.plan.Digest(), stages)
}

// coordinator is a coordinator in a process of its own.
func (y *toy) coordinator(q pipeline.Queue) *coordinator {
	c := newCoordinator(q, y.chain, y.job(), y.observer(), y.log(), y.hook)
	c.whole, c.resuming = true, "a run"
	return c
}

func (y *toy) observer() Observer {
	if y.watch != nil {
		return y.watch
	}
	return y.seen
}

func (y *toy) log() zerolog.Logger {
	if !testing.Verbose() {
		return zerolog.Nop()
	}
	return zerolog.New(zerolog.NewTestWriter(y.t))
}

// run does the job: a coordinator, and a worker for each set of stages; one with all of them if there is none.
func (y *toy) run(ctx context.Context, sets ...[]string) error {
	if len(sets) == 0 {
		sets = [][]string{nil}
	}
	ctx, cancel := context.WithTimeout(ctx, 24*time.Hour) // it stands still
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	working, stop := context.WithCancel(ctx)
	defer stop()
	for _, stages := range sets {
		w := y.worker(y.queue.Join(), stages...)
		g.Go(func() error { return w.run(working, working) })
	}
	g.Go(func() error {
		defer stop()
		return y.coordinator(y.queue.Join()).run(working)
	})
	return g.Wait()
}

// bubble runs a test where waiting takes no time.
func bubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// witness is an Observer that remembers what it was told.
type witness struct {
	mu      sync.Mutex
	stages  []string // guarded by mu, as are the others
	parts   func(task int) []Part
	phases  map[string]int
	done    map[string]int
	entries []pipeline.Entry
	input   map[string]int64 // documents
	outcome [4]int64
}

var _ LedgerObserver = (*witness)(nil)

func newWitness() *witness {
	return &witness{phases: map[string]int{}, done: map[string]int{}, input: map[string]int64{}}
}

func (w *witness) InputBytes(int64) {}

func (w *witness) Begin(chain pipeline.Chain, parts func(task int) []Part) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stages, w.parts = chain.Names(), parts
}

func (w *witness) Phase(stage string, total int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.phases[stage] = total
}

func (w *witness) TaskDone(stage string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done[stage]++
}

func (w *witness) AddInput(stage string, _, documents int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.input[stage] += documents
}

func (w *witness) AddOutcome(kept, duplicates, filtered, rejected int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, n := range []int64{kept, duplicates, filtered, rejected} {
		w.outcome[i] += n
	}
}

func (w *witness) Entry(e pipeline.Entry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.entries = append(w.entries, e)
}

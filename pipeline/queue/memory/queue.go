package memory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// defaultAckWait is that of the queue on NATS.
const defaultAckWait = 60 * time.Second

// errClosed is what a Queue says that was closed.
var errClosed = fmt.Errorf("the queue is closed: %w", pipeline.ErrUnreachable)

// Options are the choices for a run.
type Options struct {
	Stages  []string      // those that have tasks; to name any other is an error
	AckWait time.Duration // how long a delivery may go without Working; default 60 s
}

// Queue is what one process has of a run. Safe for concurrent use.
type Queue struct {
	run    *run
	closed chan struct{}
	once   sync.Once       // closes closed
	looks  map[string]look // guarded by run.mu; what Stuck saw last, by stage
}

var (
	_ pipeline.Queue    = (*Queue)(nil)
	_ pipeline.Watchdog = (*Queue)(nil)
)

// New makes a run, and returns the queue of its first process.
func New(o Options) *Queue {
	r := &run{
		ackWait:  cmp.Or(o.AckWait, defaultAckWait),
		stages:   map[string]*stage{},
		tasks:    map[string]*message{},
		ledger:   map[string]record{},
		attempts: map[string]int{},
		changed:  make(chan struct{}),
	}
	for _, s := range o.Stages {
		r.stages[s] = &stage{}
	}
	return r.join()
}

// Join returns the queue that another process has of the same run. It does not matter whether q is closed.
func (q *Queue) Join() *Queue { return q.run.join() }

// Close ends every call of this process that waits, and refuses those that come. It may be called again.
func (q *Queue) Close() { q.once.Do(func() { close(q.closed) }) }

// ready says why a call cannot be served: ctx is over, or the queue closed.
func (q *Queue) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return q.open()
}

// open is errClosed once the queue is closed.
func (q *Queue) open() error {
	select {
	case <-q.closed:
		return errClosed
	default:
		return nil
	}
}

// run is what all processes share.
type run struct {
	ackWait time.Duration

	mu       sync.Mutex
	seq      uint64              // guarded by mu; how many things were written so far
	stages   map[string]*stage   // guarded by mu, the keys never change
	tasks    map[string]*message // guarded by mu; by the subject that each was published on
	entries  [][]byte            // guarded by mu; all that was ever in the ledger, in its order
	ledger   map[string]record   // guarded by mu; what stands in it, by task
	attempts map[string]int      // guarded by mu; by task
	state    []byte              // guarded by mu
	stateSeq uint64              // guarded by mu
	changed  chan struct{}       // guarded by mu; closed, and another put in its place, when those who wait should look again
}

func (r *run) join() *Queue {
	return &Queue{run: r, closed: make(chan struct{}), looks: map[string]look{}}
}

// wake lets all who wait look again. The caller holds mu.
func (r *run) wake() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// next counts one more thing that was written. The caller holds mu.
func (r *run) next() uint64 {
	r.seq++
	return r.seq
}

// stage finds a stage of the run.
func (r *run) stage(name string) (*stage, error) {
	s, ok := r.stages[name]
	if !ok {
		known := slices.Sorted(maps.Keys(r.stages))
		return nil, fmt.Errorf("the run has no stage %q: its stages are %s", name, strings.Join(known, ", "))
	}
	return s, nil
}

// checked is ready for a call about a task.
func (q *Queue) checked(ctx context.Context, t pipeline.Task) error {
	_, unknown := q.run.stage(t.Stage)
	return errors.Join(q.ready(ctx), unknown)
}

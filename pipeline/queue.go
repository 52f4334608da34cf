package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrConflict says that two executions of one task gave different digests: invariant 1 is broken and the run must stop.
var ErrConflict = errors.New("two results for one task differ")

// ErrFenced says that another coordinator has moved the state on.
var ErrFenced = errors.New("another coordinator took over")

// Queue hands out the tasks of one run and keeps its ledger. Safe for concurrent use.
type Queue interface {
	// Enqueue publishes tasks, each on its own subject; one that was published before is no error (compare-and-set).
	Enqueue(ctx context.Context, tasks ...Task) error
	// Requeue publishes tasks that the queue lost once more, under a subject of this round.
	Requeue(ctx context.Context, round int, tasks ...Task) error
	// Receive returns the next task of any of the stages, waiting until there is one or ctx ends.
	Receive(ctx context.Context, stages []string) (Delivery, error)

	// Record makes the ledger entry of a task, once and for all (compare-and-set). It returns the entry that stands: e, or
	// the one that was there before. A standing done entry of another digest than a done e is ErrConflict.
	Record(ctx context.Context, t Task, e Entry) (Entry, error)
	// Void takes the done entry of a task back, which names a damaged file, and hands out again: e's task, or one before it in the
	// map phase. What is recorded then has to be e, otherwise it is ErrConflict. It may be called again.
	Void(ctx context.Context, e Entry, again Task) error
	// Lookup returns the ledger entry of a task, if it has one; one that was taken back is not found, and has VerdictVoid.
	Lookup(ctx context.Context, t Task) (e Entry, found bool, err error)
	// Watch calls f with every ledger entry, those that exist first, in the order they were made, until ctx ends or f
	// returns an error. One that is taken back comes again with VerdictVoid.
	Watch(ctx context.Context, f func(Entry) error) error

	// Attempt adds delta (1 before work, -1 to refund) to the durable count of the task's attempts and returns it.
	Attempt(ctx context.Context, t Task, delta int) (int, error)

	// State returns the coordinator's state and its sequence number, 0 before there is one.
	State(ctx context.Context) (state []byte, seq uint64, err error)
	// SetState replaces the state if its sequence is still seq, else ErrFenced. It returns the new sequence.
	SetState(ctx context.Context, state []byte, seq uint64) (uint64, error)

	// Backlog says how many tasks of a stage wait and how many are being worked on.
	Backlog(ctx context.Context, stage string) (waiting, working int, err error)
}

// Delivery is one task in the hands of this worker.
type Delivery interface {
	Task() Task
	// Working tells the queue that the task advances, so that it is not given to somebody else.
	Working() error
	// Ack ends the delivery. Its loss does no harm: the ledger is the record.
	Ack(ctx context.Context) error
	// Nak gives the task back, to be delivered again after the delay.
	Nak(delay time.Duration) error
}

// Watchdog is the ability of a Queue to notice that it hands out nothing.
type Watchdog interface {
	// Stuck says whether a stage's tasks and workers wait for each other, and did so at the last call, some seconds ago.
	Stuck(ctx context.Context, stage string) (bool, error)
	// Revive makes the queue hand out the stage's tasks again. What is in somebody's hands may be given to others too.
	Revive(ctx context.Context, stage string) error
}

// Replaces says whether the entry e of a task takes the place of the one that stands, by the rules of Record: it does where
// that one was taken back, and e is the same but for that. Every Queue records by it.
func (e Entry) Replaces(stands Entry) (bool, error) {
	void := stands.Verdict == VerdictVoid
	if void { // what was done before has to come out again
		stands.Verdict = VerdictDone
	}
	same := stands.Digest() == e.Digest()
	if !same && (void || stands.Verdict == VerdictDone && e.Verdict == VerdictDone) {
		return false, fmt.Errorf("%w: %s stands, %s is new", ErrConflict, stands.Digest(), e.Digest())
	}
	return void, nil
}

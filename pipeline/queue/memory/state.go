package memory

import (
	"bytes"
	"context"
	"fmt"

	"github.com/millrace/millrace/pipeline"
)

// Attempt implements pipeline.Queue.
func (q *Queue) Attempt(ctx context.Context, t pipeline.Task, delta int) (int, error) {
	if err := q.checked(ctx, t); err != nil {
		return 0, fmt.Errorf("count attempt of %s: %w", t, err)
	}
	q.run.mu.Lock()
	defer q.run.mu.Unlock()
	n := max(q.run.attempts[t.String()]+delta, 0)
	q.run.attempts[t.String()] = n
	return n, nil
}

// State implements pipeline.Queue.
func (q *Queue) State(ctx context.Context) (state []byte, seq uint64, err error) {
	if err := q.ready(ctx); err != nil {
		return nil, 0, fmt.Errorf("read the state: %w", err)
	}
	q.run.mu.Lock()
	defer q.run.mu.Unlock()
	return bytes.Clone(q.run.state), q.run.stateSeq, nil
}

// SetState implements pipeline.Queue.
func (q *Queue) SetState(ctx context.Context, state []byte, seq uint64) (_ uint64, err error) {
	defer pipeline.Wrap(&err, "set the state")
	if err := q.ready(ctx); err != nil {
		return 0, err
	}
	q.run.mu.Lock()
	defer q.run.mu.Unlock()
	if seq != q.run.stateSeq {
		return 0, pipeline.ErrFenced
	}
	q.run.state, q.run.stateSeq = bytes.Clone(state), q.run.next()
	return q.run.stateSeq, nil
}

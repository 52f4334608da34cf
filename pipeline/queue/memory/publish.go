package memory

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// message is one task that was published.
type message struct {
	task pipeline.Task
	seq  uint64
	at   place
	due  time.Time // in hands: when it is delivered again
	deaf bool      // its next ack is lost
}

// place is where a message is.
type place uint8

const (
	waiting place = iota // nobody has got it
	inHands              // it was delivered, and neither acked nor lost; it may be due again
	gone                 // acked or lost
)

// Enqueue implements pipeline.Queue.
func (q *Queue) Enqueue(ctx context.Context, tasks ...pipeline.Task) error {
	return q.publish(ctx, "", tasks)
}

// Requeue implements pipeline.Queue.
func (q *Queue) Requeue(ctx context.Context, round int, tasks ...pipeline.Task) error {
	return q.publish(ctx, ".r"+strconv.Itoa(round), tasks)
}

func (q *Queue) publish(ctx context.Context, suffix string, tasks []pipeline.Task) error {
	for _, t := range tasks {
		if err := q.checked(ctx, t); err != nil {
			return fmt.Errorf("enqueue %s: %w", t, err)
		}
	}
	q.run.mu.Lock()
	defer q.run.mu.Unlock()
	for _, t := range tasks {
		q.run.publish(suffix, t)
	}
	q.run.wake()
	return nil
}

// publish adds a task unless one was published under this subject before. The caller holds mu.
func (r *run) publish(suffix string, t pipeline.Task) {
	subject := t.String() + suffix
	if r.tasks[subject] != nil {
		return
	}
	m := &message{task: t, seq: r.next()}
	r.tasks[subject] = m
	s := r.stages[t.Stage]
	s.waiting = append(s.waiting, m)
}

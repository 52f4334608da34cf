package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/millrace/millrace/pipeline"
)

// Attempt implements pipeline.Queue. The count is a message of its own, because the server's delivery counts do not
// survive the death of the server.
func (r *Run) Attempt(ctx context.Context, t pipeline.Task, delta int) (_ int, err error) {
	defer pipeline.Wrap(&err, "count attempt of %s", t)
	subject, err := r.taskSubject("att", t)
	if err != nil {
		return 0, err
	}
	// Nearly every attempt is the first: trying that spares a read.
	count, seq, known := 0, uint64(0), delta > 0
	for {
		if known {
			n := max(count+delta, 0)
			_, err := r.compareAndSet(ctx, subject, []byte(strconv.Itoa(n)), seq)
			if err == nil {
				return n, nil
			}
			if !errors.Is(err, errMismatch) {
				return 0, err
			}
			if err := ctx.Err(); err != nil {
				return 0, err
			}
		}
		count, seq, err = r.readAttempts(ctx, subject)
		if err != nil {
			return 0, err
		}
		known = true
	}
}

// Attempts is how often a task was tried so far, for people.
func (r *Run) Attempts(ctx context.Context, t pipeline.Task) (n int, err error) {
	subject, err := r.taskSubject("att", t)
	if err != nil {
		return 0, err
	}
	defer pipeline.Wrap(&err, "read the attempts of %s", t)
	n, _, err = r.readAttempts(ctx, subject)
	return n, err
}

func (r *Run) readAttempts(ctx context.Context, subject string) (count int, seq uint64, err error) {
	msg, err := r.last(ctx, subject)
	if err != nil || msg == nil {
		return 0, 0, err
	}
	count, err = strconv.Atoi(string(msg.Data))
	if err != nil {
		return 0, 0, fmt.Errorf("decode %s: %w", subject, err)
	}
	return count, msg.Sequence, nil
}

func (r *Run) stateSubject() string { return "millrace." + r.id + ".state" }

// State implements pipeline.Queue.
func (r *Run) State(ctx context.Context) (state []byte, seq uint64, err error) {
	msg, err := r.last(ctx, r.stateSubject())
	if err != nil {
		return nil, 0, fmt.Errorf("read state of run %s: %w", r.id, err)
	}
	if msg == nil {
		return nil, 0, nil
	}
	return msg.Data, msg.Sequence, nil
}

// SetState implements pipeline.Queue.
func (r *Run) SetState(ctx context.Context, state []byte, seq uint64) (next uint64, err error) {
	defer pipeline.Wrap(&err, "set state of run %s", r.id)
	next, err = r.compareAndSet(ctx, r.stateSubject(), state, seq)
	return next, fenced(err)
}

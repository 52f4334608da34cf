package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/pipeline"
)

// Record implements pipeline.Queue. Invariant 3: the entry is a compare-and-set on its own subject.
func (r *Run) Record(ctx context.Context, t pipeline.Task, e pipeline.Entry) (_ pipeline.Entry, err error) {
	defer pipeline.Wrap(&err, "record %s", t)
	subject, err := r.taskSubject("done", t)
	if err != nil {
		return pipeline.Entry{}, err
	}
	data, err := json.Marshal(e)
	if err != nil {
		return pipeline.Entry{}, err
	}
	for last := uint64(0); ; {
		_, err = r.compareAndSet(ctx, subject, data, last)
		if !errors.Is(err, errMismatch) {
			return e, err
		}
		stands, seq, err := r.standing(ctx, subject)
		if err != nil {
			return pipeline.Entry{}, err
		}
		if replaces, err := e.Replaces(stands); err != nil || !replaces {
			return stands, err
		}
		last = seq
	}
}

// standing is the entry that a subject of the ledger has, which it is known to have.
func (r *Run) standing(ctx context.Context, subject string) (e pipeline.Entry, seq uint64, err error) {
	var msg *nats.RawStreamMsg
	err = r.retry(ctx, func(ctx context.Context) error {
		msg, err = r.last(ctx, subject)
		if err == nil && msg == nil { // a new leader: entries are never removed
			err = errStale
		}
		return err
	})
	if err != nil {
		return e, 0, err
	}
	if err := json.Unmarshal(msg.Data, &e); err != nil {
		return e, 0, fmt.Errorf("decode %s: %w", subject, err)
	}
	return e, msg.Sequence, nil
}

// Void implements pipeline.Queue.
func (r *Run) Void(ctx context.Context, e pipeline.Entry, again pipeline.Task) (err error) {
	t := pipeline.Task{Stage: e.Stage, Index: e.Index}
	defer pipeline.Wrap(&err, "take back %s", t)
	subject, err := r.taskSubject("done", t)
	if err != nil {
		return err
	}
	digest := e.Digest()
	e.Verdict = pipeline.VerdictVoid
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	stands, seq, err := r.standing(ctx, subject)
	if err != nil {
		return err
	}
	switch {
	case stands.Verdict == pipeline.VerdictVoid: // whoever did that may have died behind it
	case stands.Digest() != digest:
		return fmt.Errorf("%w: %s stands", pipeline.ErrConflict, stands.Digest())
	default:
		seq, err = r.compareAndSet(ctx, subject, data, seq)
		if errors.Is(err, errMismatch) { // somebody else was faster, and does the rest
			return nil
		}
		if err != nil {
			return err
		}
	}
	return r.enqueue(ctx, ".v"+strconv.FormatUint(seq, 10), []pipeline.Task{again})
}

// Lookup implements pipeline.Queue. In a cluster it may miss an entry of this very moment.
func (r *Run) Lookup(ctx context.Context, t pipeline.Task) (e pipeline.Entry, found bool, err error) {
	defer pipeline.Wrap(&err, "look up %s", t)
	subject, err := r.taskSubject("done", t)
	if err != nil {
		return e, false, err
	}
	msg, err := r.lastDirect(ctx, subject)
	if err != nil || msg == nil {
		return e, false, err
	}
	if err := json.Unmarshal(msg.Data, &e); err != nil {
		return e, false, fmt.Errorf("decode %s: %w", subject, err)
	}
	return e, e.Verdict != pipeline.VerdictVoid, nil
}

// Watch implements pipeline.Queue. f runs in the caller's goroutine. After a power loss of the server, entries may come
// again.
func (r *Run) Watch(ctx context.Context, f func(pipeline.Entry) error) error {
	err := r.follow(ctx, "millrace."+r.id+".done.>", func(m jetstream.Msg, _ uint64) error {
		var e pipeline.Entry
		if err := json.Unmarshal(m.Data(), &e); err != nil {
			return fmt.Errorf("decode %s: %w", m.Subject(), err)
		}
		return f(e)
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("watch the ledger of run %s: %w", r.id, err)
}

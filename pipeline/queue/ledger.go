package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"millrace/pipeline"
)

// Record implements pipeline.Queue. Invariant 3: the entry is a compare-and-set on its own subject.
func (r *Run) Record(ctx context.Context, t pipeline.Task, e pipeline.Entry) (pipeline.Entry, error) {
	stands, err := r.record(ctx, t, e)
	if err != nil {
		return stands, fmt.Errorf("record %s: %w", t, err)
	}
	return stands, nil
}

func (r *Run) record(ctx context.Context, t pipeline.Task, e pipeline.Entry) (pipeline.Entry, error) {
	subject, err := r.taskSubject("done", t)
	if err != nil {
		return pipeline.Entry{}, err
	}
	data, err := json.Marshal(e)
	if err != nil {
		return pipeline.Entry{}, err
	}
	_, err = r.compareAndSet(ctx, subject, data, 0)
	if !errors.Is(err, errMismatch) {
		return e, err
	}
	var stands pipeline.Entry
	var msg *nats.RawStreamMsg
	err = r.retry(ctx, func(ctx context.Context) error {
		msg, err = r.last(ctx, subject)
		if err == nil && msg == nil { // a new leader: entries are never taken back
			err = errStale
		}
		return err
	})
	if err != nil {
		return pipeline.Entry{}, err
	}
	if err := json.Unmarshal(msg.Data, &stands); err != nil {
		return pipeline.Entry{}, fmt.Errorf("decode %s: %w", subject, err)
	}
	if stands.Verdict == pipeline.VerdictDone && e.Verdict == pipeline.VerdictDone && stands.Digest() != e.Digest() {
		return stands, fmt.Errorf("%w: %s stands, %s is new", pipeline.ErrConflict, stands.Digest(), e.Digest())
	}
	return stands, nil
}

// Lookup implements pipeline.Queue. In a cluster it may miss an entry of this very moment.
func (r *Run) Lookup(ctx context.Context, t pipeline.Task) (e pipeline.Entry, found bool, err error) {
	subject, err := r.taskSubject("done", t)
	if err == nil {
		e, found, err = r.lookup(ctx, subject)
	}
	if err != nil {
		return pipeline.Entry{}, false, fmt.Errorf("look up %s: %w", t, err)
	}
	return e, found, nil
}

func (r *Run) lookup(ctx context.Context, subject string) (e pipeline.Entry, found bool, err error) {
	msg, err := r.lastDirect(ctx, subject)
	if err != nil || msg == nil {
		return e, false, err
	}
	if err := json.Unmarshal(msg.Data, &e); err != nil {
		return e, false, fmt.Errorf("decode %s: %w", subject, err)
	}
	return e, true, nil
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

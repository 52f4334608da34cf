package memory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// record is what stands in the ledger for a task.
type record struct {
	seq  uint64
	data []byte // the entry, as JSON: nobody changes it who has it, and it comes back as from a queue that is elsewhere
}

// Record implements pipeline.Queue. Invariant 3: the lock makes it a compare-and-set.
func (q *Queue) Record(ctx context.Context, t pipeline.Task, e pipeline.Entry) (stands pipeline.Entry, err error) {
	defer pipeline.Wrap(&err, "record %s", t)
	if err := q.checked(ctx, t); err != nil {
		return pipeline.Entry{}, err
	}
	q.run.mu.Lock()
	defer q.run.mu.Unlock()
	stands, found, err := q.run.standing(t)
	replaces := !found
	if found {
		replaces, err = e.Replaces(stands)
	}
	if err == nil && replaces {
		stands = e
		_, err = q.run.write(t, e)
	}
	return stands, err
}

// standing is the entry that a task has. The caller holds mu.
func (r *run) standing(t pipeline.Task) (e pipeline.Entry, found bool, err error) {
	rec, found := r.ledger[t.String()]
	if !found {
		return e, false, nil
	}
	return e, true, json.Unmarshal(rec.data, &e)
}

// write puts an entry into the ledger, for all to see. The caller holds mu.
func (r *run) write(t pipeline.Task, e pipeline.Entry) (seq uint64, err error) {
	data, err := json.Marshal(e)
	if err != nil {
		return 0, err
	}
	rec := record{r.next(), data}
	r.ledger[t.String()] = rec
	r.entries = append(r.entries, data)
	r.wake()
	return rec.seq, nil
}

// Void implements pipeline.Queue.
func (q *Queue) Void(ctx context.Context, e pipeline.Entry, again pipeline.Task) (err error) {
	t := pipeline.Task{Stage: e.Stage, Index: e.Index}
	defer pipeline.Wrap(&err, "take back %s", t)
	if err := errors.Join(q.checked(ctx, t), q.checked(ctx, again)); err != nil {
		return err
	}
	r := q.run
	r.mu.Lock()
	defer r.mu.Unlock()
	stands, found, err := r.standing(t)
	if err != nil {
		return err
	}
	if !found {
		return errors.New("the ledger has no entry of it")
	}
	seq := r.ledger[t.String()].seq
	switch {
	case stands.Verdict == pipeline.VerdictVoid: // whoever did that may have died behind it
	case stands.Digest() != e.Digest():
		return fmt.Errorf("%w: %s stands", pipeline.ErrConflict, stands.Digest())
	default:
		e.Verdict = pipeline.VerdictVoid
		if seq, err = r.write(t, e); err != nil {
			return err
		}
	}
	r.publish(".v"+strconv.FormatUint(seq, 10), again)
	r.wake()
	return nil
}

// Lookup implements pipeline.Queue.
func (q *Queue) Lookup(ctx context.Context, t pipeline.Task) (e pipeline.Entry, found bool, err error) {
	defer pipeline.Wrap(&err, "look up %s", t)
	if err := q.checked(ctx, t); err != nil {
		return e, false, err
	}
	q.run.mu.Lock()
	defer q.run.mu.Unlock()
	e, found, err = q.run.standing(t)
	return e, found && e.Verdict != pipeline.VerdictVoid, err
}

// Watch implements pipeline.Queue. f runs in the caller's goroutine.
func (q *Queue) Watch(ctx context.Context, f func(pipeline.Entry) error) error {
	err := q.watch(ctx, f)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("watch the ledger: %w", err)
}

func (q *Queue) watch(ctx context.Context, f func(pipeline.Entry) error) error {
	for seen := 0; ; {
		if err := q.ready(ctx); err != nil {
			return err
		}
		data, changed := q.run.entry(seen)
		if data == nil {
			if err := q.wait(ctx, time.Time{}, changed); err != nil {
				return err
			}
			continue
		}
		var e pipeline.Entry
		if err := json.Unmarshal(data, &e); err != nil {
			return err
		}
		if err := f(e); err != nil {
			return err
		}
		seen++
	}
}

// entry is the entry of this number in the ledger; if it is not there yet, changed is closed when that may have changed.
func (r *run) entry(number int) (data []byte, changed <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if number < len(r.entries) {
		return r.entries[number], nil
	}
	return nil, r.changed
}

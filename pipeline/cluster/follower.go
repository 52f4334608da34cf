package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
)

// follower keeps up with the record of the run.
type follower struct {
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu      sync.Mutex
	record  Record
	rev     uint64        // of the record
	changed chan struct{} // closed at every change, and replaced
	err     error         // why it follows no more
}

// newFollower starts to follow; stop ends it.
func newFollower(ctx context.Context, c *queue.Control) *follower {
	f := &follower{changed: make(chan struct{})}
	ctx, f.cancel = context.WithCancel(ctx)
	f.done.Go(func() {
		err := c.Watch(ctx, keyRuns, func(e queue.ControlEntry) error {
			var r Record
			if e.Key != keyRun || e.Data == nil {
				return nil
			}
			if err := json.Unmarshal(e.Data, &r); err != nil {
				return fmt.Errorf("decode the record of the run: %w", err)
			}
			f.set(r, e.Rev, nil)
			return nil
		})
		if err == nil {
			err = ctx.Err()
		}
		f.set(Record{}, 0, err) // what it held may be long over
	})
	f.done.Go(func() { f.recheck(ctx, c) })
	return f
}

// recheckEvery is how often the record is read beside what the watch tells.
const recheckEvery = 3 * time.Second

// recheck notices that the record is gone, or begins anew: of a control plane that somebody has emptied, or deleted and made again,
// a watch says nothing.
func (f *follower) recheck(ctx context.Context, c *queue.Control) {
	for pipeline.Sleep(ctx, recheckEvery) == nil {
		before := f.revision()
		r, rev, err := readRecord(ctx, c)
		if err == nil && rev < before && f.revision() == before { // nothing was heard meanwhile
			f.set(r, rev, nil)
		}
	}
}

func (f *follower) revision() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rev
}

func (f *follower) set(r Record, rev uint64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.record, f.rev, f.err = r, rev, err
	close(f.changed)
	f.changed = make(chan struct{})
}

// wait returns the record as soon as it is as asked for.
func (f *follower) wait(ctx context.Context, ready func(Record) bool) (Record, error) {
	for {
		f.mu.Lock()
		r, err, changed := f.record, f.err, f.changed
		f.mu.Unlock()
		switch {
		case ready(r):
			return r, nil
		case err != nil:
			return r, err
		}
		select {
		case <-ctx.Done():
			return r, ctx.Err()
		case <-changed:
		}
	}
}

func (f *follower) stop() {
	f.cancel()
	f.done.Wait()
}

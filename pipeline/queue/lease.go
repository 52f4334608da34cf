package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/millrace/millrace/pipeline"
)

const (
	leaderKey = "leader"
	// Of a ttl: how often a leader renews, and how often a candidate looks.
	renewals = 3
	looks    = 6
	// resignTimeout bounds how long a leader that goes tries to say so: without it the next one waits for the ttl.
	resignTimeout = 2 * time.Second
)

// leaderRecord is what the leader key holds.
type leaderRecord struct {
	Holder   string `json:"holder"`
	Beat     uint64 `json:"beat"`
	Resigned bool   `json:"resigned,omitempty"`
}

// leader is the record, its revision, 0 if there is none, and when it was written, by the server's clock.
func (c *Control) leader(ctx context.Context) (record leaderRecord, rev uint64, heard time.Time, err error) {
	msg, err := c.get(ctx, leaderKey)
	if err != nil {
		return record, 0, heard, fmt.Errorf("get %s: %w", leaderKey, err)
	}
	if msg == nil || isDeleted(msg.Header) {
		return record, 0, heard, nil
	}
	if err := json.Unmarshal(msg.Data, &record); err != nil {
		return record, 0, heard, fmt.Errorf("decode key %s: %w", leaderKey, err)
	}
	return record, msg.Sequence, msg.Time, nil
}

// Leader is who holds the lease, by the last that was heard of it, and when that was, by the server's clock; "" if nobody
// does. A leader that died stands there until the next one takes over: only the time tells.
func (c *Control) Leader(ctx context.Context) (holder string, heard time.Time, err error) {
	record, _, heard, err := c.leader(ctx)
	if err != nil || record.Resigned {
		return "", time.Time{}, err
	}
	return record.Holder, heard, nil
}

// Lease says that one process leads a corpus. Who leads renews a record by compare-and-set on its own last revision, and
// who takes over does so on the revision that it saw unchanged for a whole ttl: so there is one leader in the order of the
// record's revisions, whatever the clocks say, and an old one learns of a new one at its next renewal.
//
// It is no mutual exclusion in time. A process that is stopped, swapped out or asleep wakes up as a zombie, and acts until
// it looks at its clock or asks: between any check and the write behind it somebody else may have taken over. (A clock that
// stands still while the machine sleeps makes no difference, only a later discovery.) So whatever a leader writes has to be
// a compare-and-set or idempotent.
type Lease struct {
	control *Control
	holder  string
	ttl     time.Duration

	ctx    context.Context //nolint:containedctx // it is what a lease is: given out by Context
	cancel context.CancelCauseFunc
	done   chan struct{} // closed when nobody renews any more

	turn  chan struct{} // holds one token: who has it renews and may use the fields below
	rev   uint64
	beat  uint64
	until time.Time // when others may take over
}

// Lead waits until holder, a name that no other process has, leads the corpus. The lease ends with ctx, and Resign has to
// be called in any case. A ttl of some seconds rides out a change of leader inside NATS.
func (c *Control) Lead(ctx context.Context, holder string, ttl time.Duration) (*Lease, error) {
	l := &Lease{control: c, holder: holder, ttl: ttl, done: make(chan struct{}), turn: make(chan struct{}, 1)}
	if err := l.acquire(ctx); err != nil {
		return nil, fmt.Errorf("lead as %s: %w", holder, err)
	}
	l.ctx, l.cancel = context.WithCancelCause(ctx)
	l.turn <- struct{}{}
	go l.keep()
	return l, nil
}

// acquire waits for the record to be free and takes it.
func (l *Lease) acquire(ctx context.Context) error {
	var seen uint64     // the revision that was there
	var since time.Time // since when, by this process's monotonic clock
	for {
		start := time.Now()
		record, rev, _, err := l.control.leader(ctx)
		if err != nil {
			return err
		}
		// The holder counts from before it asked, we count from after we were told: it gives up first.
		if rev != seen {
			seen, since = rev, time.Now()
		}
		if rev == 0 || record.Resigned || time.Since(since) >= l.ttl {
			start = time.Now()
			err := l.write(ctx, leaderRecord{Holder: l.holder}, rev, start)
			if !errors.Is(err, pipeline.ErrFenced) {
				return err
			}
			seen = 0 // somebody was faster
			continue
		}
		if err := pipeline.Sleep(ctx, time.Until(start.Add(l.ttl/looks))); err != nil {
			return err
		}
	}
}

// write sets the record over revision rev. The lease holds for a ttl from start.
func (l *Lease) write(ctx context.Context, record leaderRecord, rev uint64, start time.Time) error {
	data, err := json.Marshal(record)
	if err != nil {
		return err
	}
	rev, err = l.control.Set(ctx, leaderKey, data, rev)
	if err != nil {
		return err
	}
	l.rev, l.beat, l.until = rev, record.Beat, start.Add(l.ttl)
	return nil
}

// keep renews until the lease is over.
func (l *Lease) keep() {
	defer close(l.done)
	for pipeline.Sleep(l.ctx, l.ttl/renewals) == nil {
		// What goes wrong shows in the context: a renewal that fails is tried again while there is time.
		_ = l.renew(l.ctx)
	}
}

// renew renews the lease, and ends it if it is lost or has run out.
func (l *Lease) renew(ctx context.Context) error {
	select {
	case <-l.turn:
	case <-l.ctx.Done():
		return context.Cause(l.ctx) //nolint:contextcheck // it says why the lease is over
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { l.turn <- struct{}{} }()
	if l.ctx.Err() != nil {
		return context.Cause(l.ctx) //nolint:contextcheck // it says why the lease is over
	}
	bounded, cancel := context.WithDeadline(ctx, l.until)
	defer cancel()
	start := time.Now()
	err := l.write(bounded, leaderRecord{Holder: l.holder, Beat: l.beat + 1}, l.rev, start)
	if errors.Is(err, pipeline.ErrFenced) && l.adopt(bounded) {
		err = l.write(bounded, leaderRecord{Holder: l.holder, Beat: l.beat + 1}, l.rev, start)
	}
	if errors.Is(err, pipeline.ErrFenced) || err != nil && !time.Now().Before(l.until) {
		l.cancel(pipeline.ErrFenced)
		return pipeline.ErrFenced
	}
	return err
}

// adopt looks whether it is a renewal of our own, given up before its answer came, that stands in the way of the next one.
func (l *Lease) adopt(ctx context.Context) bool {
	record, rev, _, err := l.control.leader(ctx)
	if err != nil || record != (leaderRecord{Holder: l.holder, Beat: l.beat + 1}) {
		return false
	}
	l.rev, l.beat = rev, record.Beat
	return true
}

// Context is cancelled, with the cause pipeline.ErrFenced, as soon as somebody else is known to lead, or nobody can be known
// not to; and when the context given to Lead ends.
func (l *Lease) Context() context.Context { return l.ctx }

// Check asks whether the lease still holds, by renewing it. The error is pipeline.ErrFenced if it does not; another one says
// that nobody knows.
func (l *Lease) Check(ctx context.Context) error {
	if err := l.renew(ctx); err != nil {
		return fmt.Errorf("check the lease of %s: %w", l.holder, err)
	}
	return nil
}

// Resign ends the lease and lets the next one lead at once, if NATS answers soon. It waits until nothing is renewed any
// more. It may be called again, and after the lease is lost.
func (l *Lease) Resign() {
	lost := errors.Is(context.Cause(l.ctx), pipeline.ErrFenced)
	l.cancel(context.Canceled)
	<-l.done
	<-l.turn
	defer func() { l.turn <- struct{}{} }()
	if lost || l.rev == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.ctx), resignTimeout)
	defer cancel()
	// Unless it arrives the next one waits for the ttl, as after a crash.
	_ = l.write(ctx, leaderRecord{Holder: l.holder, Beat: l.beat, Resigned: true}, l.rev, time.Now())
	l.rev = 0
}

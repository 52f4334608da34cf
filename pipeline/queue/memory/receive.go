package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// stage is where the tasks of a stage are, guarded by run.mu.
type stage struct {
	waiting   []*message // in the order in which they are handed out
	hands     []*message // in the hands of workers, or given back
	receivers int        // workers that wait for a task of this stage, and maybe of others
	delivered uint64     // how many deliveries there have been
	stalled   bool       // it hands out nothing
}

// Receive implements pipeline.Queue.
func (q *Queue) Receive(ctx context.Context, names []string) (_ pipeline.Delivery, err error) {
	defer pipeline.Wrap(&err, "receive a task")
	var stages []*stage
	for _, n := range names {
		s, err := q.run.stage(n)
		if err != nil {
			return nil, err
		}
		stages = append(stages, s)
	}
	q.run.line(stages, 1)
	defer q.run.line(stages, -1)
	for {
		if err := q.ready(ctx); err != nil {
			return nil, err
		}
		m, due, changed := q.run.take(stages)
		if m != nil {
			return &delivery{queue: q, message: m}, nil
		}
		if err := q.wait(ctx, due, changed); err != nil {
			return nil, err
		}
	}
}

// line counts who waits for a task.
func (r *run) line(stages []*stage, delta int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range stages {
		s.receivers += delta
	}
}

// wait returns when changed is closed or the time is due, unless that is zero.
func (q *Queue) wait(ctx context.Context, due time.Time, changed <-chan struct{}) error {
	var timeout <-chan time.Time
	if !due.IsZero() {
		timer := time.NewTimer(time.Until(due))
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-q.closed:
		return errClosed
	case <-timeout:
	case <-changed:
	}
	return nil
}

// take hands out the oldest task of the stages that can be. If there is none, it says when one will be due again, as far as is
// known now (zero: it is not), and what is closed when that changes.
func (r *run) take(stages []*stage) (m *message, due time.Time, changed <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	var from *stage
	for _, s := range stages {
		candidate, at := s.first(now)
		if candidate != nil && (m == nil || candidate.seq < m.seq) {
			m, from = candidate, s
		}
		if !at.IsZero() && (due.IsZero() || at.Before(due)) {
			due = at
		}
	}
	if m == nil {
		return nil, due, r.changed
	}
	if m.at == waiting {
		from.waiting = from.waiting[1:]
		from.hands = append(from.hands, m)
	}
	m.at, m.due = inHands, now.Add(r.ackWait)
	from.delivered++
	return m, time.Time{}, nil
}

// first is the message that a stage would hand out now; if there is none, at is when one in hands is due.
func (s *stage) first(now time.Time) (m *message, at time.Time) {
	if s.stalled {
		return nil, at
	}
	if len(s.hands) > 0 {
		m = slices.MinFunc(s.hands, func(a, b *message) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.seq, b.seq)) })
		if !now.Before(m.due) {
			return m, at
		}
		at = m.due
	}
	if len(s.waiting) > 0 {
		return s.waiting[0], time.Time{}
	}
	return nil, at
}

// forget takes a message off the stage, wherever it is.
func (s *stage) forget(m *message) {
	is := func(other *message) bool { return other == m }
	s.waiting = slices.DeleteFunc(s.waiting, is)
	s.hands = slices.DeleteFunc(s.hands, is)
	m.at = gone
}

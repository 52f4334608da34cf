package memory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// look is what the watchdog sees of a stage.
type look struct {
	idle      bool // tasks wait, and so do workers, and none is on its way
	delivered uint64
}

// named is ready for a call about a stage, and finds that.
func (q *Queue) named(ctx context.Context, name string) (*stage, error) {
	s, err := q.run.stage(name)
	return s, errors.Join(q.ready(ctx), err)
}

// Backlog implements pipeline.Queue. A task that was given back and waits for its delay counts as worked on, and so does one
// whose worker has died.
func (q *Queue) Backlog(ctx context.Context, stage string) (waiting, working int, err error) {
	s, err := q.named(ctx, stage)
	if err != nil {
		return 0, 0, fmt.Errorf("backlog of %s: %w", stage, err)
	}
	q.run.mu.Lock()
	defer q.run.mu.Unlock()
	return len(s.waiting), len(s.hands), nil
}

// Stuck implements pipeline.Watchdog.
func (q *Queue) Stuck(ctx context.Context, stage string) (bool, error) {
	s, err := q.named(ctx, stage)
	if err != nil {
		return false, fmt.Errorf("watch stage %s: %w", stage, err)
	}
	q.run.mu.Lock()
	defer q.run.mu.Unlock()
	now := look{idle: len(s.waiting) > 0 && s.receivers > 0 && len(s.hands) == 0, delivered: s.delivered}
	before, again := q.looks[stage]
	q.looks[stage] = now
	return again && now.idle && now == before, nil
}

// Revive implements pipeline.Watchdog.
func (q *Queue) Revive(ctx context.Context, stage string) error {
	s, err := q.named(ctx, stage)
	if err != nil {
		return fmt.Errorf("revive stage %s: %w", stage, err)
	}
	q.run.mu.Lock()
	defer q.run.mu.Unlock()
	delete(q.looks, stage)
	for _, m := range s.hands {
		m.at = waiting
	}
	s.waiting = append(s.waiting, s.hands...)
	slices.SortFunc(s.waiting, func(a, b *message) int { return cmp.Compare(a.seq, b.seq) })
	s.hands, s.stalled = nil, false
	q.run.wake()
	return nil
}

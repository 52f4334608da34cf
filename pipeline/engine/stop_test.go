package engine

import (
	"context"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue/memory"
)

// counting is a queue that does something before a task's attempts are counted.
type counting struct {
	*memory.Queue
	before func(delta int)
}

func (q counting) Attempt(ctx context.Context, t pipeline.Task, delta int) (int, error) {
	q.before(delta)
	return q.Queue.Attempt(ctx, t, delta)
}

// TestToldToStopUncounted: a worker that is told to stop before an attempt is counted takes none off the count.
func TestToldToStopUncounted(t *testing.T) {
	for _, tt := range []struct {
		name    string
		earlier int
		count   int // the one that comes too late
	}{
		{"beside others", maxAttempts - 1, 1},
		{"before it runs alone", maxAttempts, 2},
	} {
		bubble(t, tt.name, func(t *testing.T) {
			y := newToy(t, 1)
			y.slots = 1
			task := pipeline.Task{Stage: "read", Plan: y.plan.Digest()}
			if _, err := y.queue.Attempt(t.Context(), task, tt.earlier); err != nil {
				t.Fatal(err)
			}
			if err := y.queue.Enqueue(t.Context(), task); err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			counts := 0
			q := counting{y.queue, func(delta int) {
				if delta < 0 {
					return
				}
				if counts++; counts == tt.count {
					stop()
				}
			}}
			if err := y.worker(q).run(ctx, ctx); err != nil {
				t.Errorf("the worker ends with %v", err)
			}
			if n := y.attempts("read", 0); n != tt.earlier || y.times("read", 0) > 0 {
				t.Errorf("%d attempts were counted, want %d", n, tt.earlier)
			}
			began := time.Now()
			if d, err := y.queue.Receive(t.Context(), []string{"read"}); err != nil || d.Task() != task || time.Since(began) > 0 {
				t.Errorf("it comes again as %v, %v", d, err)
			}
		})
	}
}

// TestPoisonKillsThoseToldToStop: a task that kills its process is counted whatever that was told meanwhile, and given up in the end; the
// others are done.
func TestPoisonKillsThoseToldToStop(t *testing.T) {
	tests := []struct {
		name     string
		told     func(stop, take context.CancelFunc)
		isolated bool
		kills    int
		reason   string
	}{
		{"to take no more", func(_, take context.CancelFunc) { take() }, false, maxAttempts + maxAlone, errTried.Error()},
		{"to stop", func(stop, _ context.CancelFunc) { stop() }, false, maxAttempts + maxAlone, errTried.Error()},
		{"to take no more, isolated", func(_, take context.CancelFunc) { take() }, true, maxAttempts, "it killed 3 processes that did nothing else: killed"},
		{"to stop, isolated", func(stop, _ context.CancelFunc) { stop() }, true, maxAttempts, "it killed 3 processes that did nothing else: killed"},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			y := newToy(t, 4)
			if tt.isolated {
				y.slots = 1 // who waits to run alone lets no time pass in a bubble
				y.isolate = func(context.Context, IsolatedTask, func()) ([]pipeline.Entry, error) {
					return nil, &DiedError{"killed"}
				}
			}
			over, end := context.WithCancel(t.Context())
			ended := make(chan error)
			c := y.coordinator(y.queue.Join())
			go func() {
				err := c.run(t.Context())
				end()
				ended <- err
			}()
			kills := 0
			for over.Err() == nil {
				q := y.queue.Join()
				ctx, kill := context.WithCancel(t.Context())
				taking, take := context.WithCancel(over)
				y.befall("sieve", 3, func(context.Context, int) error {
					tt.told(kill, take)
					kills++
					q.Close()
					kill()
					return ctx.Err()
				})
				if err := y.worker(q).run(ctx, taking); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
				kill()
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
			if kills != tt.kills {
				t.Errorf("%d processes were killed, want %d", kills, tt.kills)
			}
			if e := y.entry("add", 3); e == nil || e.Verdict != pipeline.VerdictDead || e.Reason != tt.reason {
				t.Errorf("entry %+v", e)
			}
			y.lists = y.lists[:3]
			y.check()
		})
	}
}

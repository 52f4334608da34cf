package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue/memory"
)

// forgetful is a queue that does something to tasks when they are published, for the n-th time, and before anybody gets them.
type forgetful struct {
	*memory.Queue
	lose   func(n int, t pipeline.Task) bool // whether it is lost; nil: none is
	before func(n int, t pipeline.Task)      // nil: nothing is done
	behind func(n int, t pipeline.Task)      // likewise

	mu    sync.Mutex
	times map[pipeline.Task]int // guarded by mu
	taken map[subject]bool      // guarded by mu; of tasks that were lost: what is published there once more is no news
}

// subject is what a task is published on.
type subject struct {
	task  pipeline.Task
	round int
}

func (q *forgetful) Enqueue(ctx context.Context, tasks ...pipeline.Task) error {
	return q.publish(0, tasks, func(t pipeline.Task) error { return q.Queue.Enqueue(ctx, t) })
}

func (q *forgetful) Requeue(ctx context.Context, round int, tasks ...pipeline.Task) error {
	return q.publish(round, tasks, func(t pipeline.Task) error { return q.Queue.Requeue(ctx, round, t) })
}

func (q *forgetful) publish(round int, tasks []pipeline.Task, one func(pipeline.Task) error) (err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.times == nil {
		q.times, q.taken = map[pipeline.Task]int{}, map[subject]bool{}
	}
	for _, t := range tasks {
		on := subject{t, round}
		if q.taken[on] {
			continue
		}
		n := q.times[t]
		q.times[t]++
		if q.before != nil {
			q.before(n, t)
		}
		if q.lose != nil && q.lose(n, t) {
			q.taken[on] = true
			continue
		}
		err = errors.Join(err, one(t))
		if q.behind != nil {
			q.behind(n, t)
		}
	}
	return err
}

func (q *forgetful) Receive(ctx context.Context, stages []string) (pipeline.Delivery, error) {
	d, err := q.Queue.Receive(ctx, stages)
	q.mu.Lock() // it may not be published to its end
	defer q.mu.Unlock()
	return d, err
}

// TestLost: whatever the queue loses, the coordinator counts by the ledger, and publishes what is missing again, where it has to go on:
// once nothing has happened for a while, and as often as it takes.
func TestLost(t *testing.T) {
	all := [][]string{nil}
	each := [][]string{{"read"}, {"sieve"}, {"add"}, {"total", "index", "end"}, {"print"}, {"weigh"}}
	tests := []struct {
		name  string
		sets  [][]string
		stage string // whose tasks are lost
		times int    // how often, each
		again string // what must not be done again for it
	}{
		{"first", all, "read", 1, ""},
		{"handed over", each, "sieve", 1, "read"},
		{"at the end of a track", each, "add", 1, "read sieve"},
		{"again and again", each, "add", 3, "read sieve"},
		{"alone", all, "total", 1, "read"},
		{"beside others", all, "index", 1, "print"},
		{"apart", each, "print", 1, "index"},
		{"apart, the second one", each, "weigh", 1, "print index"},
		{"apart, together", all, "print", 2, "index"},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			y := newToy(t, 3)
			q := &forgetful{Queue: y.queue, lose: func(n int, task pipeline.Task) bool { return task.Stage == tt.stage && n < tt.times }}
			began := time.Now()
			if err := y.runOver(t.Context(), func() pipeline.Queue { return q }, tt.sets...); err != nil {
				t.Fatal(err)
			}
			y.check()
			if took, least := time.Since(began), time.Duration(tt.times)*stallAfter; took < least || took > least+time.Duration(2*tt.times+2)*stallAfter {
				t.Errorf("it took %v", took)
			}
			for _, stage := range []string{"read", "sieve", "add", "total", "print", "weigh", "index", "end"} {
				if n := y.times(stage, 0); n != 1 {
					t.Errorf("%s was done %d times", stage, n)
				}
			}
		})
	}
}

// runOver is run over another queue.
func (y *toy) runOver(ctx context.Context, join func() pipeline.Queue, sets ...[]string) error {
	working, stop := context.WithCancel(ctx)
	defer stop()
	ends := make(chan error, len(sets))
	for _, stages := range sets {
		w := y.worker(join(), stages...)
		go func() {
			err := w.run(working, working)
			if err != nil {
				stop()
			}
			ends <- err
		}()
	}
	ctx, cancel := context.WithTimeout(working, 24*time.Hour)
	defer cancel()
	err := y.coordinator(join()).run(ctx)
	stop()
	for range sets {
		if one := <-ends; one != nil {
			err = one
		}
	}
	return err
}

// TestAckedButNotDone: an empty queue proves nothing: a task that somebody acked and did not do is missing.
func TestAckedButNotDone(t *testing.T) {
	bubble(t, "read", func(t *testing.T) {
		y := newToy(t, 2)
		task := pipeline.Task{Stage: "read", Index: 1, Plan: y.plan.Digest()}
		if err := y.queue.Enqueue(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		d, err := y.queue.Receive(t.Context(), []string{"read"})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Ack(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := y.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		y.check()
	})
}

// TestAckLost: a task whose ack was lost comes again, is found in the ledger and not done again; if it had to go on elsewhere, that is
// made sure once more.
func TestAckLost(t *testing.T) {
	for _, stages := range [][]string{{"read"}, {"read", "sieve", "add"}, {"print"}, {"print", "weigh"}} {
		bubble(t, stages[len(stages)-1], func(t *testing.T) {
			y := newToy(t, 2)
			others := slices.DeleteFunc(y.chain.Names(), func(s string) bool { return slices.Contains(stages, s) })
			lossy := &forgetful{Queue: y.queue, behind: func(n int, task pipeline.Task) {
				if task.Stage == stages[0] && n == 0 && !y.queue.LoseAck(task) {
					t.Errorf("the ack of %v cannot be lost", task)
				}
			}}
			y.befall("end", 0, func(ctx context.Context, _ int) error {
				select {
				case <-ctx.Done():
				case <-time.After(2 * toyWait): // they have come again
				}
				return ctx.Err()
			})
			if err := y.runOver(t.Context(), func() pipeline.Queue { return lossy }, stages, others); err != nil {
				t.Fatal(err)
			}
			y.check()
			for i := range 2 {
				if n := y.times(stages[0], i); n != 1 {
					t.Errorf("%s %d was done %d times", stages[0], i, n)
				}
			}
			if waiting, working, err := y.queue.Backlog(t.Context(), stages[0]); waiting+working > 0 || err != nil {
				t.Errorf("%d tasks wait, %d are in hand, %v", waiting, working, err)
			}
		})
	}
}

// TestDiesBeforeHandOver: a worker that dies between its ledger entry and the hand-over leaves a task that the next one hands over,
// and does not do again.
func TestDiesBeforeHandOver(t *testing.T) {
	bubble(t, "read", func(t *testing.T) {
		y := newToy(t, 1)
		dying := y.queue.Join()
		y.hook = func(point string) {
			if point == "worker:recorded" {
				dying.Close()
			}
		}
		w := y.worker(dying, "read")
		y.hook = func(string) {}
		if err := y.queue.Enqueue(t.Context(), pipeline.Task{Stage: "read", Plan: y.plan.Digest()}); err != nil {
			t.Fatal(err)
		}
		if err := w.run(t.Context(), t.Context()); err == nil {
			t.Fatal("a worker without a queue goes on")
		}
		if waiting, _, err := y.queue.Backlog(t.Context(), "sieve"); waiting > 0 || err != nil {
			t.Fatalf("%d tasks were handed over, %v", waiting, err)
		}
		began := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		y.hook = func(point string) {
			if point == "phase:map" {
				cancel()
			}
		}
		_ = y.run(ctx, []string{"read"}, []string{"sieve", "add"})
		if n := y.times("read", 0); n != 1 || y.entry("add", 0) == nil {
			t.Errorf("read was done %d times, add has %v", n, y.entry("add", 0))
		}
		if took := time.Since(began); took > toyWait+stallAfter {
			t.Errorf("it took %v", took)
		}
	})
}

// TestDeliveredTwice: two workers may have the same task in hand: both do it, the second result is found equal, and the ledger has one.
func TestDeliveredTwice(t *testing.T) {
	bubble(t, "read", func(t *testing.T) {
		y := newToy(t, 1)
		y.slots = 1 // two of one worker share its room, and the first, which waits for the second, has all of it
		task := pipeline.Task{Stage: "read", Plan: y.plan.Digest()}
		both := make(chan struct{})
		y.befall("add", 0, func(_ context.Context, n int) error {
			switch n {
			case 0:
				if !y.queue.Redeliver(task) {
					t.Error("it is in nobody's hands")
				}
				<-both
			case 1:
				close(both)
			}
			return nil
		})
		if err := y.run(t.Context(), nil, nil); err != nil {
			t.Fatal(err)
		}
		y.check()
		if n := y.times("add", 0); n != 2 {
			t.Errorf("it was done %d times", n)
		}
		if n := len(y.seen.entries); n != 7 {
			t.Errorf("%d entries were told: %+v", n, y.seen.entries)
		}
	})
}

// TestLate: a task that comes late is waited for, and not published again: somebody has it.
func TestLate(t *testing.T) {
	bubble(t, "an hour", func(t *testing.T) {
		y := newToy(t, 2)
		task := pipeline.Task{Stage: "read", Index: 1, Plan: y.plan.Digest()}
		if err := y.queue.Enqueue(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		if !y.queue.Delay(task, time.Hour+time.Second) {
			t.Fatalf("%v cannot be delayed", task)
		}
		q := &forgetful{Queue: y.queue, before: func(n int, published pipeline.Task) {
			if published == task && n > 0 {
				t.Errorf("%v was published again", task)
			}
		}}
		began := time.Now()
		if err := y.runOver(t.Context(), func() pipeline.Queue { return q }, nil); err != nil {
			t.Fatal(err)
		}
		y.check()
		if took := time.Since(began); took < time.Hour || took > time.Hour+time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

// lagging is a queue by which the ledger is seen late, and that tells which tasks were published again.
type lagging struct {
	*forgetful
	behind time.Duration // each entry behind the one before

	requeued []pipeline.Task
}

func (q *lagging) Watch(ctx context.Context, f func(pipeline.Entry) error) error {
	return q.forgetful.Watch(ctx, func(e pipeline.Entry) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(q.behind):
			return f(e)
		}
	})
}

func (q *lagging) Requeue(ctx context.Context, round int, tasks ...pipeline.Task) error {
	q.requeued = append(q.requeued, tasks...)
	return q.forgetful.Requeue(ctx, round, tasks...)
}

// TestSeenLate: a task that the ledger has is not lost, though the coordinator hears of it late; one that is lost is found all the same.
func TestSeenLate(t *testing.T) {
	for _, lost := range []string{"none", "read", "add", "total", "weigh"} {
		for _, each := range []bool{false, true} {
			bubble(t, fmt.Sprintf("%s is lost, a worker for each stage: %t", lost, each), func(t *testing.T) {
				y := newToy(t, 3)
				sets := [][]string{nil}
				if each {
					sets = [][]string{{"read"}, {"sieve"}, {"add"}, {"total", "index", "end"}, {"print"}, {"weigh"}}
				}
				q := &lagging{behind: 4 * stallAfter, forgetful: &forgetful{Queue: y.queue, lose: func(n int, task pipeline.Task) bool {
					return task.Stage == lost && task.Index == 0 && n == 0
				}}}
				if err := y.runOver(t.Context(), func() pipeline.Queue { return q }, sets...); err != nil {
					t.Fatal(err)
				}
				y.check()
				published := lost == "read" || lost == "total" || lost != "none" && each
				for _, task := range q.requeued {
					if !published || task.Stage != lost || task.Index != 0 {
						t.Errorf("%v was published again", task)
					}
				}
				if published && len(q.requeued) != 1 {
					t.Errorf("what was lost was published again %d times", len(q.requeued))
				}
				for _, stage := range y.chain.Names() {
					if n := y.times(stage, 0); n != 1 {
						t.Errorf("%s was done %d times", stage, n)
					}
				}
			})
		}
	}
}

// replicated is a queue that does not find an entry at the moment at which it was made.
type replicated struct {
	*memory.Queue

	mu   sync.Mutex
	made map[pipeline.Task]time.Time // guarded by mu
}

func (q *replicated) Record(ctx context.Context, t pipeline.Task, e pipeline.Entry) (pipeline.Entry, error) {
	q.mu.Lock()
	q.made[pipeline.Task{Stage: t.Stage, Index: t.Index}] = time.Now()
	q.mu.Unlock()
	return q.Queue.Record(ctx, t, e)
}

func (q *replicated) Lookup(ctx context.Context, t pipeline.Task) (pipeline.Entry, bool, error) {
	q.mu.Lock()
	made, ok := q.made[pipeline.Task{Stage: t.Stage, Index: t.Index}]
	q.mu.Unlock()
	if ok && made.Equal(time.Now()) {
		return pipeline.Entry{}, false, nil
	}
	return q.Queue.Lookup(ctx, t)
}

// TestHandsOverAtOnce: a worker need not find its entry in the ledger to hand a task over, lest the coordinator had to miss it first.
func TestHandsOverAtOnce(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		y := newToy(t, 3)
		q := &replicated{Queue: y.queue, made: map[pipeline.Task]time.Time{}}
		began := time.Now()
		sets := [][]string{{"read"}, {"sieve"}, {"add"}, {"total", "index", "end"}, {"print"}, {"weigh"}}
		if err := y.runOver(t.Context(), func() pipeline.Queue { return q }, sets...); err != nil {
			t.Fatal(err)
		}
		y.check()
		if took := time.Since(began); took > 0 {
			t.Errorf("it took %v", took)
		}
	})
}

// TestRevive: a stage whose queue hands out nothing although tasks and workers wait is set going again.
func TestRevive(t *testing.T) {
	for _, stage := range []string{"read", "total", "weigh"} {
		bubble(t, stage, func(t *testing.T) {
			y := newToy(t, 2)
			y.queue.Stall(stage)
			began := time.Now()
			if err := y.run(t.Context(), []string{"read", "sieve", "add", "total", "index", "end", "print"}, []string{"weigh"}); err != nil {
				t.Fatal(err)
			}
			y.check()
			if took := time.Since(began); took < 2*stallAfter || took > 5*stallAfter {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// blind is a queue that is no Watchdog.
type blind struct{ pipeline.Queue }

// TestNoWatchdog: a queue need not be one.
func TestNoWatchdog(t *testing.T) {
	bubble(t, "a lost task", func(t *testing.T) {
		y := newToy(t, 1)
		q := &forgetful{Queue: y.queue, lose: func(n int, task pipeline.Task) bool { return task.Stage == "total" && n == 0 }}
		if err := y.runOver(t.Context(), func() pipeline.Queue { return blind{q} }, nil); err != nil {
			t.Fatal(err)
		}
		y.check()
	})
}

// TestLostAfterTakeover: a coordinator does not know how often the one before it published a task again: it goes on until it is heard.
func TestLostAfterTakeover(t *testing.T) {
	bubble(t, "lost by both", func(t *testing.T) {
		y := newToy(t, 1)
		first, cancel := context.WithCancel(t.Context())
		q := &forgetful{Queue: y.queue, lose: func(n int, task pipeline.Task) bool {
			if task.Stage == "total" && n == 1 {
				cancel()
			}
			return task.Stage == "total" && n < 2
		}}
		if err := y.runOver(first, func() pipeline.Queue { return q }, nil); err == nil {
			t.Fatal("the first coordinator ends the job")
		}
		if err := y.runOver(t.Context(), func() pipeline.Queue { return q }, nil); err != nil {
			t.Fatal(err)
		}
		y.check()
	})
}

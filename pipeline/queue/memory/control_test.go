package memory_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue/memory"
)

const ackWait = time.Minute

func open() *memory.Queue {
	return memory.New(memory.Options{Stages: []string{"first", "second"}, AckWait: ackWait})
}

func task(index int) pipeline.Task { return pipeline.Task{Stage: "first", Index: index} }

func enqueue(t *testing.T, q *memory.Queue, list ...pipeline.Task) {
	t.Helper()
	if err := q.Enqueue(t.Context(), list...); err != nil {
		t.Fatal(err)
	}
}

// receive receives a task, which has to be this one, and to come after so long.
func receive(t *testing.T, q *memory.Queue, want pipeline.Task, after time.Duration) pipeline.Delivery {
	t.Helper()
	asked := time.Now()
	d, err := q.Receive(t.Context(), []string{"first", "second"})
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(asked); d.Task() != want || took != after {
		t.Errorf("received %s after %v, want %s after %v", d.Task(), took, want, after)
	}
	return d
}

func ack(t *testing.T, d pipeline.Delivery) {
	t.Helper()
	if err := d.Ack(t.Context()); err != nil {
		t.Error(err)
	}
}

func backlog(t *testing.T, q *memory.Queue, wantWaiting, wantWorking int) {
	t.Helper()
	waiting, working, err := q.Backlog(t.Context(), "first")
	if waiting != wantWaiting || working != wantWorking || err != nil {
		t.Errorf("backlog %d, %d, %v, want %d, %d", waiting, working, err, wantWaiting, wantWorking)
	}
}

func TestAckWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open()
		enqueue(t, q, task(0), task(1))
		receive(t, q, task(0), 0)
		d := receive(t, q, task(1), 0)
		time.Sleep(ackWait / 2)
		if err := d.Working(); err != nil {
			t.Error(err)
		}
		ack(t, receive(t, q, task(0), ackWait/2))
		ack(t, receive(t, q, task(1), ackWait/2))
		backlog(t, q, 0, 0)
	})
}

func TestLose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open()
		if q.Lose(task(0)) {
			t.Error("lost a task that nobody published")
		}
		enqueue(t, q, task(0), task(1), task(2))
		inHand := receive(t, q, task(0), 0)
		for _, lost := range []pipeline.Task{task(0), task(1)} {
			if !q.Lose(lost) || q.Lose(lost) {
				t.Errorf("%s is not lost once", lost)
			}
		}
		backlog(t, q, 1, 0)
		ack(t, receive(t, q, task(2), 0))
		ack(t, inHand)
		enqueue(t, q, task(1)) // its subject is taken
		backlog(t, q, 0, 0)
		if err := q.Requeue(t.Context(), 1, task(1)); err != nil {
			t.Fatal(err)
		}
		ack(t, receive(t, q, task(1), 0))
	})
}

func TestLoseAck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open()
		if q.LoseAck(task(0)) {
			t.Error("a task that nobody published has an ack to lose")
		}
		enqueue(t, q, task(0))
		if !q.LoseAck(task(0)) {
			t.Error("there is no task")
		}
		ack(t, receive(t, q, task(0), 0))
		backlog(t, q, 0, 1)
		ack(t, receive(t, q, task(0), ackWait))
		backlog(t, q, 0, 0)
	})
}

func TestRedeliver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open()
		enqueue(t, q, task(0))
		if q.Redeliver(task(0)) || q.Redeliver(task(1)) {
			t.Error("redelivered what was never delivered")
		}
		zombie := receive(t, q, task(0), 0)
		if !q.Redeliver(task(0)) {
			t.Error("not redelivered from the hands of a worker")
		}
		ack(t, receive(t, q, task(0), 0))
		ack(t, zombie)
		if !q.Redeliver(task(0)) {
			t.Error("not redelivered after the ack")
		}
		ack(t, receive(t, q, task(0), 0))
		backlog(t, q, 0, 0)
	})
}

func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open()
		enqueue(t, q, task(0), task(1))
		if !q.Delay(task(0), time.Hour) {
			t.Error("there is no task")
		}
		d := receive(t, q, task(1), 0)
		if !q.Delay(task(1), 2*time.Hour) {
			t.Error("there is no task in hand")
		}
		backlog(t, q, 0, 2)
		ack(t, receive(t, q, task(0), time.Hour))
		ack(t, receive(t, q, task(1), time.Hour))
		ack(t, d)
		if q.Delay(task(1), time.Hour) {
			t.Error("delayed what is over")
		}
	})
}

// TestStall: only who waits for a stage finds out that it hands out nothing, and only at the second look.
func TestStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open()
		stuck := func(want bool) {
			t.Helper()
			if got, err := q.Stuck(t.Context(), "first"); got != want || err != nil {
				t.Errorf("stuck: %v, %v, want %v", got, err, want)
			}
		}
		q.Stall("first")
		enqueue(t, q, task(0), pipeline.Task{Stage: "second"})
		ack(t, receive(t, q, pipeline.Task{Stage: "second"}, 0))
		stuck(false)
		stuck(false)
		var wg sync.WaitGroup
		wg.Go(func() { ack(t, receive(t, q, task(0), 5*time.Second)) })
		synctest.Wait()
		stuck(false)
		time.Sleep(5 * time.Second)
		stuck(true)
		if err := q.Revive(t.Context(), "first"); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		stuck(false)
	})
}

// TestClose kills a process: its calls end, and its tasks come to another one.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dying := open()
		stays := dying.Join()
		enqueue(t, dying, task(0))
		held := receive(t, dying, task(0), 0)
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := dying.Receive(t.Context(), []string{"first"}); !errors.Is(err, pipeline.ErrUnreachable) {
				t.Errorf("a receive that waits: %v, want ErrUnreachable", err)
			}
		})
		wg.Go(func() {
			err := dying.Watch(t.Context(), func(pipeline.Entry) error { return nil })
			if !errors.Is(err, pipeline.ErrUnreachable) {
				t.Errorf("a watch: %v, want ErrUnreachable", err)
			}
		})
		synctest.Wait()
		dying.Close()
		dying.Close()
		wg.Wait()
		ctx := t.Context()
		for name, err := range map[string]error{
			"enqueue":   dying.Enqueue(ctx, task(1)),
			"requeue":   dying.Requeue(ctx, 1, task(1)),
			"receive":   second(dying.Receive(ctx, []string{"first"})),
			"record":    second(dying.Record(ctx, task(1), pipeline.Entry{})),
			"void":      dying.Void(ctx, pipeline.Entry{Stage: "first"}, task(0)),
			"look up":   third(dying.Lookup(ctx, task(0))),
			"attempt":   second(dying.Attempt(ctx, task(0), 1)),
			"state":     third(dying.State(ctx)),
			"set state": second(dying.SetState(ctx, nil, 0)),
			"backlog":   third(dying.Backlog(ctx, "first")),
			"stuck":     second(dying.Stuck(ctx, "first")),
			"revive":    dying.Revive(ctx, "first"),
			"ack":       held.Ack(ctx),
			"nak":       held.Nak(0),
			"working":   held.Working(),
		} {
			if !errors.Is(err, pipeline.ErrUnreachable) {
				t.Errorf("%s after the end: %v, want ErrUnreachable", name, err)
			}
		}
		backlog(t, stays, 0, 1)
		ack(t, receive(t, stays, task(0), ackWait))
		if n, err := stays.Attempt(ctx, task(0), 1); n != 1 || err != nil {
			t.Errorf("attempts: %d, %v, want 1", n, err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func third[T, U any](_ T, _ U, err error) error { return err }

// TestOrder: the oldest task comes first, of whatever stage, and one that comes again before those that are new.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open()
		late := pipeline.Task{Stage: "second", Index: 7}
		enqueue(t, q, task(3), late, task(1), task(2))
		d := receive(t, q, task(3), 0)
		receive(t, q, late, 0)
		if err := d.Nak(0); err != nil {
			t.Error(err)
		}
		var got []int
		for range 3 {
			d, err := q.Receive(t.Context(), []string{"second", "first"})
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, d.Task().Index)
		}
		if want := []int{3, 1, 2}; !slices.Equal(got, want) {
			t.Errorf("received %v, want %v", got, want)
		}
	})
}

// TestUnknownStage: a stage that the run does not have is a mistake, said by whoever makes it.
func TestUnknownStage(t *testing.T) {
	q := open()
	none := pipeline.Task{Stage: "none"}
	ctx := t.Context()
	for name, err := range map[string]error{
		"enqueue":    q.Enqueue(ctx, task(0), none),
		"receive":    second(q.Receive(ctx, []string{"first", "none"})),
		"record":     second(q.Record(ctx, none, pipeline.Entry{})),
		"void":       q.Void(ctx, pipeline.Entry{Stage: "first"}, none),
		"void again": q.Void(ctx, pipeline.Entry{Stage: "first"}, task(0)), // there is no such entry
		"look up":    third(q.Lookup(ctx, none)),
		"attempt":    second(q.Attempt(ctx, none, 1)),
		"stuck":      second(q.Stuck(ctx, "none")),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	backlog(t, q, 0, 0) // nothing of a call that is refused
}

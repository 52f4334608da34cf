package pipelinetest

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
)

// shortAckWait is over within a test, and long enough for a worker that says Working on a machine that is busy.
const shortAckWait = time.Second

// queueAckWait: a task of which nobody hears comes again, one that its worker works on does not, and the ack of a worker that
// was given up ends the task all the same.
func queueAckWait(t *testing.T, q pipeline.Queue) {
	enqueue(t, q, task(0), task(1))
	zombie, busy := receive(t, q, "cut"), receive(t, q, "cut")
	var wg sync.WaitGroup
	again := make(chan struct{})
	wg.Go(func() {
		tick := time.NewTicker(shortAckWait / 20)
		defer tick.Stop()
		for {
			select {
			case <-again:
				return
			case <-tick.C:
				if err := busy.Working(); err != nil {
					t.Error(err)
				}
			}
		}
	})
	d := receive(t, q, "cut")
	close(again)
	wg.Wait()
	if diff := cmp.Diff(zombie.Task(), d.Task()); diff != "" {
		t.Errorf("redelivery (-first +second):\n%s", diff)
	}
	ack(t, busy)
	ack(t, zombie)
	drained(t, q, "cut")
	ack(t, d)
	ack(t, d)
}

// queueRequeueInHands: the coordinator may be wrong about what is lost. Both deliveries are whole ones.
func queueRequeueInHands(t *testing.T, q pipeline.Queue) {
	enqueue(t, q, tasks(2)...)
	first, second := receive(t, q, "cut"), receive(t, q, "cut")
	Must(t, q.Requeue(t.Context(), 1, first.Task(), second.Task()))
	ack(t, first)
	receiveTask(t, q, task(0), "cut")
	receiveTask(t, q, task(1), "cut")
	ack(t, second)
	drained(t, q, "cut")
}

// queueNakDelay: what waits for its delay lets others pass, and counts as worked on.
func queueNakDelay(t *testing.T, q pipeline.Queue) {
	const delay = 300 * time.Millisecond
	enqueue(t, q, task(0))
	d := receive(t, q, "cut")
	back := time.Now()
	Must(t, d.Nak(delay))
	enqueue(t, q, task(1))
	if d = receive(t, q, "cut"); d.Task().Index != 1 {
		t.Errorf("task %s was delivered before its delay was over", d.Task())
	}
	ack(t, d)
	backlog(t, q, 0, 1)
	d = receive(t, q, "cut")
	if took := time.Since(back); d.Task().Index != 0 || took < delay {
		t.Errorf("task %s came after %v, want %s after %v", d.Task(), took, task(0), delay)
	}
	ack(t, d)
	drained(t, q, "cut")
}

// queueVoidEarlier takes back what a task of a later stage left: the split begins anew where it has to.
func queueVoidEarlier(t *testing.T, q pipeline.Queue) {
	cut := task(0)
	sign := pipeline.Task{Stage: "sign", Index: 0, Plan: cut.Plan}
	enqueue(t, q, cut, sign)
	ack(t, receive(t, q, "cut"))
	ack(t, receive(t, q, "sign"))
	e := entry(sign, 5)
	for range 2 { // it may be damaged again
		record(t, q, e)
		Must(t, q.Void(t.Context(), e, cut))
		receiveTask(t, q, cut, "cut")
	}
	drained(t, q, "cut")
	drained(t, q, "sign")
}

// queueVoidRace: many readers find the same damage.
func queueVoidRace(t *testing.T, q pipeline.Queue) {
	e := entry(task(0), 5)
	record(t, q, e)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := q.Void(t.Context(), e, task(0)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	ack(t, receive(t, q, "cut"))
	drained(t, q, "cut")
}

// queueCopies: what was given to the queue, or got from it, may be changed.
func queueCopies(t *testing.T, q pipeline.Queue) {
	given, want := entry(task(0), 1), entry(task(0), 1)
	record(t, q, given)
	given.Outputs[0].Name, given.Counters["digits"] = "changed", 0
	for range 2 {
		got, _, err := q.Lookup(t.Context(), task(0))
		Must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("entry (-want +got):\n%s", diff)
		}
		got.Outputs[0].Name, got.Counters["digits"] = "changed", 0
	}
	state := []byte("map")
	if _, err := q.SetState(t.Context(), state, 0); err != nil {
		t.Fatal(err)
	}
	state[0] = 'x'
	for range 2 {
		got, _, err := q.State(t.Context())
		if err != nil || !bytes.Equal(got, []byte("map")) {
			t.Errorf("state %q, %v", got, err)
		}
		got[0] = 'x'
	}
}

// queueCancelled asks for what has no time.
func queueCancelled(t *testing.T, q pipeline.Queue) {
	record(t, q, entry(task(0), 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range map[string]error{
		"enqueue":   q.Enqueue(ctx, task(0)),
		"requeue":   q.Requeue(ctx, 1, task(0)),
		"receive":   second(q.Receive(ctx, QueueStages)),
		"record":    second(q.Record(ctx, task(1), entry(task(1), 1))),
		"void":      q.Void(ctx, entry(task(0), 1), task(0)),
		"watch":     q.Watch(ctx, func(pipeline.Entry) error { return nil }),
		"attempt":   second(q.Attempt(ctx, task(0), 1)),
		"set state": second(q.SetState(ctx, nil, 0)),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s without time: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// queueWatchdog: a stage that works is not stuck, and one that is revived hands out what is in somebody's hands.
func queueWatchdog(t *testing.T, q pipeline.Queue) {
	dog, ok := q.(pipeline.Watchdog)
	if !ok {
		t.Skip("not a Watchdog")
	}
	notStuck := func(stages ...string) {
		t.Helper()
		for range 3 {
			for _, s := range stages {
				if stuck, err := dog.Stuck(t.Context(), s); stuck || err != nil {
					t.Errorf("stage %s is stuck: %v, %v", s, stuck, err)
				}
			}
		}
	}
	notStuck(QueueStages...)
	enqueue(t, q, tasks(4)...)
	notStuck(QueueStages...) // nobody wants them
	ack(t, receive(t, q, "cut"))
	held := []pipeline.Delivery{receive(t, q, "cut"), receive(t, q, "cut")}
	notStuck(QueueStages...)
	Must(t, dog.Revive(t.Context(), "cut"))
	want := map[int]bool{1: true, 2: true, 3: true}
	for len(want) > 0 {
		d := receive(t, q, "cut")
		if !want[d.Task().Index] {
			t.Fatalf("task %s, still to come were %v", d.Task(), want)
		}
		delete(want, d.Task().Index)
		ack(t, d)
	}
	for _, d := range held {
		ack(t, d)
	}
	drained(t, q, "cut")
	if err := dog.Revive(t.Context(), "none"); err == nil {
		t.Error("revived a stage that is not there")
	}
}

// backlog waits until stage cut has these tasks: the counts follow with a little delay.
func backlog(t *testing.T, q pipeline.Queue, wantWaiting, wantWorking int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		waiting, working, err := q.Backlog(ctx, "cut")
		if waiting == wantWaiting && working == wantWorking && err == nil {
			return
		}
		if err != nil {
			t.Fatalf("backlog %d, %d, %v, want %d, %d", waiting, working, err, wantWaiting, wantWorking)
		}
	}
}

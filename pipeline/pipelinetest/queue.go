package pipelinetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// QueueStages are the stages that TestQueue uses; a queue knows none by name.
var QueueStages = []string{"cut", "sign", "pair"}

// TestQueue checks an implementation of pipeline.Queue, and of pipeline.Watchdog if it is one. open returns the queue of a new
// run, with QueueStages and this ack wait (0: the implementation's own, longer than any test), each time; closing it is the
// caller's affair.
func TestQueue(t *testing.T, open func(ackWait time.Duration) pipeline.Queue) {
	tests := []struct {
		name string
		test func(t *testing.T, q pipeline.Queue)
	}{
		{"Deliver", queueDeliver},
		{"EnqueueTwice", queueEnqueueTwice},
		{"Requeue", queueRequeue},
		{"Nak", queueNak},
		{"Stages", queueStages},
		{"ReceiveCancelled", queueReceiveCancelled},
		{"ReceiveConcurrent", queueReceiveConcurrent},
		{"Record", queueRecord},
		{"RecordRace", queueRecordRace},
		{"Conflict", queueConflict},
		{"Dead", queueDead},
		{"Void", queueVoid},
		{"Watch", queueWatch},
		{"Attempt", queueAttempt},
		{"AttemptRace", queueAttemptRace},
		{"State", queueState},
		{"StateRace", queueStateRace},
		{"Backlog", queueBacklog},
		{"RequeueInHands", queueRequeueInHands},
		{"NakDelay", queueNakDelay},
		{"VoidEarlier", queueVoidEarlier},
		{"VoidRace", queueVoidRace},
		{"Copies", queueCopies},
		{"Cancelled", queueCancelled},
		{"Watchdog", queueWatchdog},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, open(0)) })
	}
	t.Run("AckWait", func(t *testing.T) { queueAckWait(t, open(shortAckWait)) })
}

func task(index int) pipeline.Task {
	return pipeline.Task{Stage: "cut", Index: index, Plan: "0123456789abcdef"}
}

func tasks(n int) []pipeline.Task {
	list := make([]pipeline.Task, n)
	for i := range list {
		list[i] = task(i)
	}
	return list
}

func entry(t pipeline.Task, rows int64) pipeline.Entry {
	return pipeline.Entry{
		Stage: t.Stage, Index: t.Index, Verdict: pipeline.VerdictDone, Rows: rows, Bytes: 17,
		Outputs:  []pipeline.Output{{Name: "documents/000000.arrow", Bytes: 1, Rows: rows, Digest: "00ff"}},
		Sum:      pipeline.Sum{In: rows + 3, Out: rows, Left: map[string]int64{"filtered/min_chars": 1, "rejected/bad_json": 2}},
		Counters: columnar.Counters{"digits": 5, "spaces": 1 << 60},
	}
}

// record records an entry of its task, which must stand.
func record(t *testing.T, q pipeline.Queue, e pipeline.Entry) {
	t.Helper()
	if _, err := q.Record(t.Context(), pipeline.Task{Stage: e.Stage, Index: e.Index}, e); err != nil {
		t.Error(err)
	}
}

func dead(t pipeline.Task) pipeline.Entry {
	return pipeline.Entry{Stage: t.Stage, Index: t.Index, Verdict: pipeline.VerdictDead, Reason: "gave up"}
}

func enqueue(t *testing.T, q pipeline.Queue, list ...pipeline.Task) {
	t.Helper()
	Must(t, q.Enqueue(t.Context(), list...))
}

func receive(t *testing.T, q pipeline.Queue, stages ...string) pipeline.Delivery {
	t.Helper()
	d, err := q.Receive(t.Context(), stages)
	Must(t, err)
	return d
}

// receiveTask receives what must be this task, and acknowledges it.
func receiveTask(t *testing.T, q pipeline.Queue, want pipeline.Task, stages ...string) {
	t.Helper()
	d := receive(t, q, stages...)
	if diff := cmp.Diff(want, d.Task()); diff != "" {
		t.Errorf("task (-want +got):\n%s", diff)
	}
	ack(t, d)
}

func ack(t *testing.T, d pipeline.Delivery) {
	t.Helper()
	if err := d.Ack(t.Context()); err != nil {
		t.Errorf("ack %s: %v", d.Task(), err)
	}
}

// drained fails the test unless the stages are empty: a marker that is enqueued now has to come first.
func drained(t *testing.T, q pipeline.Queue, stage string) {
	t.Helper()
	marker := pipeline.Task{Stage: stage, Index: 999_999}
	enqueue(t, q, marker)
	receiveTask(t, q, marker, stage)
}

// queueVoid takes an entry back: the task is handed out again, once, and only the same entry stands again.
func queueVoid(t *testing.T, q pipeline.Queue) {
	enqueue(t, q, task(0))
	ack(t, receive(t, q, "cut"))
	e, other := entry(task(0), 5), entry(task(0), 6)
	record := func(e pipeline.Entry, want error) {
		t.Helper()
		if _, err := q.Record(t.Context(), task(0), e); !errors.Is(err, want) {
			t.Fatalf("record: %v, want %v", err, want)
		}
	}
	record(e, nil)
	if err := q.Void(t.Context(), other, task(0)); !errors.Is(err, pipeline.ErrConflict) {
		t.Fatalf("an entry that never stood was taken back: %v", err)
	}
	for range 2 {
		Must(t, q.Void(t.Context(), e, task(0)))
	}
	if got, found, err := q.Lookup(t.Context(), task(0)); err != nil || found || got.Verdict != pipeline.VerdictVoid || got.Rows != e.Rows {
		t.Errorf("lookup: %+v, %v, %v, want it taken back", got, found, err)
	}
	ack(t, receive(t, q, "cut"))
	drained(t, q, "cut")
	record(other, pipeline.ErrConflict)
	record(dead(task(0)), pipeline.ErrConflict)
	record(e, nil)
	record(e, nil)
	if _, found, err := q.Lookup(t.Context(), task(0)); err != nil || !found {
		t.Errorf("lookup: %v, %v, want the entry", found, err)
	}
	var verdicts []string
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	_ = q.Watch(ctx, func(e pipeline.Entry) error {
		if verdicts = append(verdicts, e.Verdict); len(verdicts) == 3 {
			stop()
		}
		return nil
	})
	if want := []string{pipeline.VerdictDone, pipeline.VerdictVoid, pipeline.VerdictDone}; !slices.Equal(verdicts, want) {
		t.Errorf("watched %v, want %v", verdicts, want)
	}
}

func queueDeliver(t *testing.T, q pipeline.Queue) {
	want := tasks(5)
	enqueue(t, q, want...)
	for _, w := range want {
		d := receive(t, q, "cut")
		if diff := cmp.Diff(w, d.Task()); diff != "" {
			t.Errorf("task (-want +got):\n%s", diff)
		}
		if err := d.Working(); err != nil {
			t.Error(err)
		}
		ack(t, d)
	}
	drained(t, q, "cut")
	// A receiver that waits is found by a task that comes later.
	got := make(chan pipeline.Task)
	go func() {
		d := receiveOrNil(t, q)
		got <- d.Task()
		ack(t, d)
		close(got)
	}()
	enqueue(t, q, task(5))
	if diff := cmp.Diff(task(5), <-got); diff != "" {
		t.Errorf("task (-want +got):\n%s", diff)
	}
	<-got
}

// receiveOrNil is receive for goroutines other than the test's.
func receiveOrNil(t *testing.T, q pipeline.Queue) pipeline.Delivery {
	d, err := q.Receive(t.Context(), QueueStages)
	if err != nil {
		t.Error(err)
	}
	return d
}

func queueEnqueueTwice(t *testing.T, q pipeline.Queue) {
	enqueue(t, q)
	enqueue(t, q, tasks(2)...)
	enqueue(t, q, tasks(3)...)
	for i := range 3 {
		receiveTask(t, q, task(i), "cut")
	}
	enqueue(t, q, tasks(3)...) // also when all is done
	drained(t, q, "cut")
}

func queueRequeue(t *testing.T, q pipeline.Queue) {
	enqueue(t, q, task(7))
	ack(t, receive(t, q, "cut"))
	for round := 1; round <= 3; round++ {
		for range 2 { // a round may be published twice, too
			Must(t, q.Requeue(t.Context(), round, task(7)))
		}
		receiveTask(t, q, task(7), "cut")
	}
	drained(t, q, "cut")
}

func queueNak(t *testing.T, q pipeline.Queue) {
	enqueue(t, q, task(0))
	for _, delay := range []time.Duration{0, time.Millisecond, 0} {
		d := receive(t, q, "cut")
		if d.Task().Index != 0 {
			t.Errorf("task %s, want 0", d.Task())
		}
		if err := d.Nak(delay); err != nil {
			t.Error(err)
		}
	}
	ack(t, receive(t, q, "cut"))
	drained(t, q, "cut")
}

func queueStages(t *testing.T, q pipeline.Queue) {
	other := pipeline.Task{Stage: "sign", Index: 3}
	enqueue(t, q, task(0), other)
	// Nobody asked for pair, and who asks for sign gets no cut task.
	receiveTask(t, q, other, "pair", "sign")
	receiveTask(t, q, task(0), QueueStages...)
	for _, s := range QueueStages {
		drained(t, q, s)
	}
}

func queueReceiveCancelled(t *testing.T, q pipeline.Queue) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			d, err := q.Receive(ctx, QueueStages)
			if err == nil { // it came in the moment of the cancellation
				err = errors.Join(d.Nak(0), context.Canceled)
			}
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	cancel()
	wg.Wait()
	// What the server had promised to those who left is delivered to the next.
	for i := range 3 {
		enqueue(t, q, task(i))
		receiveTask(t, q, task(i), QueueStages...)
	}
	if _, err := q.Receive(ctx, QueueStages); !errors.Is(err, context.Canceled) {
		t.Errorf("receive without time: %v", err)
	}
}

func queueReceiveConcurrent(t *testing.T, q pipeline.Queue) {
	const n = 300
	var mu sync.Mutex
	got := map[pipeline.Task]int{}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				d, err := q.Receive(ctx, QueueStages)
				if errors.Is(err, context.Canceled) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				got[d.Task()]++
				last := len(got) == n
				mu.Unlock()
				if err := d.Ack(context.WithoutCancel(ctx)); err != nil {
					t.Error(err)
				}
				if last {
					cancel()
				}
			}
		})
	}
	for i := range n {
		enqueue(t, q, pipeline.Task{Stage: QueueStages[i%len(QueueStages)], Index: i})
	}
	wg.Wait()
	for task, times := range got {
		if times != 1 {
			t.Errorf("%s was delivered %d times", task, times)
		}
	}
}

func queueRecord(t *testing.T, q pipeline.Queue) {
	ctx := t.Context()
	if _, found, err := q.Lookup(ctx, task(0)); found || err != nil {
		t.Errorf("look up before: %v, %v", found, err)
	}
	want := entry(task(0), 100)
	for range 3 { // the same digest again is what a redelivery brings
		got, err := q.Record(ctx, task(0), want)
		Must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what stands (-want +got):\n%s", diff)
		}
	}
	got, found, err := q.Lookup(ctx, task(0))
	if !found || err != nil {
		t.Fatalf("look up after: %v, %v", found, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
	if got.Digest() != want.Digest() {
		t.Error("the digest changes on its way")
	}
	if _, found, err := q.Lookup(ctx, pipeline.Task{Stage: "sign", Index: 0}); found || err != nil {
		t.Errorf("look up in another stage: %v, %v", found, err)
	}
}

func queueRecordRace(t *testing.T, q pipeline.Queue) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 20 {
				record(t, q, entry(task(i), 1))
			}
		})
	}
	wg.Wait()
	n := 0
	stop := errors.New("stop")
	err := q.Watch(t.Context(), func(pipeline.Entry) error {
		if n++; n == 20 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) {
		t.Error(err)
	}
}

func queueConflict(t *testing.T, q pipeline.Queue) {
	first, second := entry(task(0), 1), entry(task(0), 2)
	record(t, q, first)
	got, err := q.Record(t.Context(), task(0), second)
	if !errors.Is(err, pipeline.ErrConflict) {
		t.Errorf("another digest: %v, want ErrConflict", err)
	}
	if diff := cmp.Diff(first, got); diff != "" {
		t.Errorf("what stands (-want +got):\n%s", diff)
	}
}

// queueDead: a dead letter and a late result of the same task cannot both count, and neither breaks the run.
func queueDead(t *testing.T, q pipeline.Queue) {
	ctx := t.Context()
	other := dead(task(2))
	other.Reason = "gave up for another reason"
	for i, order := range [][]pipeline.Entry{
		{dead(task(0)), entry(task(0), 1)},
		{entry(task(1), 1), dead(task(1))},
		{dead(task(2)), other},
	} {
		for _, e := range order {
			got, err := q.Record(ctx, task(i), e)
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(order[0], got); diff != "" {
				t.Errorf("what stands (-want +got):\n%s", diff)
			}
		}
	}
}

func queueWatch(t *testing.T, q pipeline.Queue) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for i := range 10 {
		record(t, q, entry(task(i), int64(i)))
	}
	var wg sync.WaitGroup
	halfway := make(chan struct{}, 2)
	for range 2 { // each watcher sees all
		wg.Go(func() {
			next := 0
			err := q.Watch(ctx, func(e pipeline.Entry) error {
				if diff := cmp.Diff(entry(task(next), int64(next)), e); diff != "" {
					return fmt.Errorf("entry %d (-want +got):\n%s", next, diff)
				}
				if next++; next == 10 {
					halfway <- struct{}{}
				}
				if next == 20 {
					return errors.New("seen all")
				}
				return nil
			})
			if err == nil || next != 20 {
				t.Errorf("after %d entries: %v", next, err)
			}
		})
	}
	<-halfway
	<-halfway
	for i := range 10 {
		record(t, q, entry(task(10+i), int64(10+i)))
	}
	wg.Wait()

	err := q.Watch(ctx, func(pipeline.Entry) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("watch of a cancelled context: %v", err)
	}
}

func queueAttempt(t *testing.T, q pipeline.Queue) {
	for _, step := range []struct{ delta, want int }{{1, 1}, {1, 2}, {-1, 1}, {1, 2}, {1, 3}, {0, 3}} {
		got, err := q.Attempt(t.Context(), task(0), step.delta)
		if err != nil || got != step.want {
			t.Errorf("Attempt(%+d) = %d, %v, want %d", step.delta, got, err, step.want)
		}
	}
	for _, other := range []pipeline.Task{task(1), {Stage: "sign", Index: 0}} {
		if n, err := q.Attempt(t.Context(), other, 1); err != nil || n != 1 {
			t.Errorf("first attempt of %s: %d, %v", other, n, err)
		}
	}
	if n, err := q.Attempt(t.Context(), task(2), -1); err != nil || n != 0 {
		t.Errorf("a refund without an attempt: %d, %v", n, err)
	}
}

func queueAttemptRace(t *testing.T, q pipeline.Queue) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				if _, err := q.Attempt(t.Context(), task(0), 1); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n, err := q.Attempt(t.Context(), task(0), 0); err != nil || n != 80 {
		t.Errorf("%d attempts, %v, want 80", n, err)
	}
}

func queueState(t *testing.T, q pipeline.Queue) {
	ctx := t.Context()
	state, seq, err := q.State(ctx)
	if state != nil || seq != 0 || err != nil {
		t.Fatalf("before: %q, %d, %v", state, seq, err)
	}
	first, err := q.SetState(ctx, []byte("map"), 0)
	Must(t, err)
	for _, stale := range []uint64{0, first + 1} {
		if _, err := q.SetState(ctx, []byte("stale"), stale); !errors.Is(err, pipeline.ErrFenced) {
			t.Errorf("state over sequence %d: %v, want ErrFenced", stale, err)
		}
	}
	second, err := q.SetState(ctx, []byte("pair"), first)
	Must(t, err)
	if _, err := q.SetState(ctx, []byte("zombie"), first); !errors.Is(err, pipeline.ErrFenced) {
		t.Errorf("a replaced coordinator: %v, want ErrFenced", err)
	}
	state, seq, err = q.State(ctx)
	if string(state) != "pair" || seq != second || err != nil {
		t.Errorf("after: %q, %d, %v, want sequence %d", state, seq, err, second)
	}
}

func queueStateRace(t *testing.T, q pipeline.Queue) {
	var wg sync.WaitGroup
	won := make(chan int, 8)
	for i := range 8 {
		wg.Go(func() {
			_, err := q.SetState(t.Context(), []byte{byte(i)}, 0)
			switch {
			case err == nil:
				won <- i
			case !errors.Is(err, pipeline.ErrFenced):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Fatalf("%d coordinators of 8 took over", len(won))
	}
	if state, _, err := q.State(t.Context()); err != nil || int(state[0]) != <-won {
		t.Errorf("state %v, %v", state, err)
	}
}

func queueBacklog(t *testing.T, q pipeline.Queue) {
	backlog(t, q, 0, 0)
	enqueue(t, q, tasks(5)...)
	backlog(t, q, 5, 0)
	a, b := receive(t, q, "cut"), receive(t, q, "cut")
	backlog(t, q, 3, 2)
	ack(t, a)
	backlog(t, q, 3, 1)
	ack(t, b)
	backlog(t, q, 3, 0)
	if _, _, err := q.Backlog(t.Context(), "none"); err == nil {
		t.Error("the backlog of no stage")
	}
}

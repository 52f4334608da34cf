package queue_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/queue"
)

func TestPause(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	r := create(t, e.Conn(), "r", queue.Options{})
	paused := func(want bool) {
		t.Helper()
		if got, err := r.Paused(t.Context()); got != want || err != nil {
			t.Errorf("paused: %v, %v, want %v", got, err, want)
		}
	}
	paused(false)
	enqueue(t, r, 0, 2)
	d := receive(t, r)
	for range 2 {
		if err := r.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		paused(true)
	}
	if err := d.Ack(t.Context()); err != nil { // what is in work goes on
		t.Error(err)
	}
	for _, s := range pipelinetest.QueueStages { // a new consumer stays paused
		if err := r.Revive(t.Context(), s); err != nil {
			t.Error(err)
		}
	}
	paused(true)
	if err := r.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	paused(false)
	receive(t, r)
	if err := r.Resume(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestStages(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	r := create(t, e.Conn(), "r", queue.Options{Stages: []string{"print", "cut"}})
	enqueue(t, r, 0, 1)
	d := receive(t, r)
	if err := d.Nak(0); err != nil {
		t.Error(err)
	}
	receive(t, r)
	enqueue(t, r, 1, 3)
	want := []queue.StageBacklog{{Stage: "cut", Waiting: 2, Working: 1, Redelivered: 1}, {Stage: "print"}}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for { // the counts follow the tasks with a little delay
		got, err := r.Stages(ctx)
		diff := cmp.Diff(want, got)
		if diff == "" {
			return
		}
		if err != nil {
			t.Fatalf("stages: %v (-want +got):\n%s", err, diff)
		}
	}
}

// TestRevive takes tasks whose AckWait is longer than any test from those who hold them.
func TestRevive(t *testing.T) {
	e := start(t, t.TempDir(), queue.EmbeddedOptions{})
	r := create(t, e.Conn(), "r", queue.Options{AckWait: 24 * time.Hour})
	enqueue(t, r, 0, 4)
	if err := receive(t, r).Ack(t.Context()); err != nil {
		t.Error(err)
	}
	receive(t, r)
	receive(t, r)
	for range 3 { // what is in work is not stuck
		if stuck, err := r.Stuck(t.Context(), "cut"); stuck || err != nil {
			t.Errorf("stuck: %v, %v", stuck, err)
		}
	}
	if err := r.Revive(t.Context(), "cut"); err != nil {
		t.Fatal(err)
	}
	expect(t, r, 1, 2, 3)
	js, err := jetstream.New(e.Conn())
	if err != nil {
		t.Fatal(err)
	}
	c, err := js.Consumer(t.Context(), "RUN_r", "cut")
	if err != nil {
		t.Fatal(err)
	}
	if c.CachedInfo().Config.AckWait != 24*time.Hour {
		t.Errorf("the new consumer has other settings: %+v", c.CachedInfo().Config)
	}
	if err := r.Revive(t.Context(), "none"); err == nil {
		t.Error("revived a stage that is not there")
	}
}

package cluster

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
)

// TestPublish: files are on the queue of the next run once; while nobody has an inbox, who publishes waits for one.
func TestPublish(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	client := &Client{p.Control}
	a, b := queue.FileRef{Source: "news", Path: "a", Bytes: 1}, queue.FileRef{Source: "news", Path: "b", Bytes: 2}
	inbox := func(want ...queue.FileRef) {
		t.Helper()
		got, _, err := p.Inbox(t.Context())
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v, inbox (-want +got):\n%s", err, diff)
		}
	}
	for range 2 {
		if err := client.Publish(t.Context(), b, a); err != nil {
			t.Fatal(err)
		}
	}
	inbox(a, b)
	p.deleteStream("MILLRACE_INBOX_corpus")
	published := make(chan error, 1)
	go func() { published <- client.Publish(t.Context(), a) }()
	if err := p.Restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-published; err != nil {
		t.Fatal(err)
	}
	inbox(a)

	p.deleteStream("MILLRACE_INBOX_corpus")
	ctx, cancel := context.WithCancel(t.Context())
	go func() { published <- client.Publish(ctx, a) }()
	select {
	case err := <-published:
		t.Errorf("published into nothing: %v", err)
	default:
	}
	cancel()
	if err := <-published; !errors.Is(err, context.Canceled) {
		t.Errorf("without time: %v", err)
	}
}

// TestAttempts adds up what was tried of a split in all stages that it goes through.
func TestAttempts(t *testing.T) {
	p := newPlane(t)
	client := &Client{p.Control}
	const plan = "0123abcd"
	if _, err := client.Attempts(t.Context(), plan, nil, 3); !errors.Is(err, queue.ErrGone) {
		t.Errorf("of a run that has ended: %v, want ErrGone", err)
	}
	q := p.run(plan, "parse", "normalize")
	for _, task := range []pipeline.Task{
		{Stage: "parse", Index: 3}, {Stage: "parse", Index: 3}, {Stage: "normalize", Index: 3}, {Stage: "parse", Index: 4},
	} {
		if _, err := q.Attempt(t.Context(), task, 1); err != nil {
			t.Fatal(err)
		}
	}
	for split, want := range map[int]int{3: 3, 4: 1, 5: 0} {
		if got, err := client.Attempts(t.Context(), plan, []string{"parse", "normalize"}, split); got != want || err != nil {
			t.Errorf("split %d was tried %d times, %v, want %d", split, got, err, want)
		}
	}
}

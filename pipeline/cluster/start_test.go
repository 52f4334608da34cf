package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
)

// TestStart: one id makes one request, the first one.
func TestStart(t *testing.T) {
	p := newPlane(t)
	client := &Client{p.Control}
	for _, r := range []Request{{ID: night, Force: true}, {ID: night}} {
		if err := client.Start(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if r, _, err := readRequest(t.Context(), p.Control, night); !r.Force || err != nil {
		t.Errorf("the request is %+v, %v, want the first one", r, err)
	}
	for _, id := range []string{"", "a.b", "a b", "新"} {
		if err := client.Start(t.Context(), Request{ID: id}); !errors.Is(err, pipeline.ErrUsage) {
			t.Errorf("run %q: %v, want ErrUsage", id, err)
		}
	}
	p.deleteStream("KV_millrace_corpus")
	if err := client.Start(t.Context(), Request{ID: night}); !errors.Is(err, queue.ErrNoControl) {
		t.Errorf("nobody to ask: %v, want ErrNoControl", err)
	}
}

// TestStartAndWait: a request that NATS loses is made again, also if it has lost the whole control plane.
func TestStartAndWait(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	lost := make(chan error, 10)
	client := &Client{p.Control}
	answers := make(chan answer, 1)
	go func() {
		r, err := client.StartAndWait(t.Context(), Request{ID: night}, func(err error) { lost <- err })
		answers <- answer{r, err}
	}()
	asked := func() bool {
		_, revision, err := readRequest(t.Context(), p.Control, night)
		return err == nil && revision > 0
	}
	p.await("the request", asked)
	if err := p.Delete(t.Context(), keyStart+night, 0); err != nil {
		t.Fatal(err)
	}
	if err := <-lost; !errors.Is(err, errForgotten) {
		t.Errorf("lost: %v, want errForgotten", err)
	}
	p.await("the second request", asked)

	p.deleteStream("KV_millrace_corpus")
	if err := <-lost; !errors.Is(err, queue.ErrNoControl) {
		t.Errorf("lost: %v, want ErrNoControl", err)
	}
	if err := p.Restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.await("the third request", asked)
	p.write(keyRun, Record{ID: night, State: Running})
	p.write(keyEnded+night, Record{ID: night, State: Committed})
	p.write(keyRun, Record{ID: night, State: Committed})
	p.want(answers, Committed)

	// One that has ended well is not done again.
	r, err := client.StartAndWait(t.Context(), Request{ID: night}, nil)
	if r.State != Committed || err != nil {
		t.Errorf("once more: %+v, %v", r, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.StartAndWait(ctx, Request{ID: "other"}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("without time: %v", err)
	}
}

// TestWaitBroken: a record that cannot be read ends who waits for it.
func TestWaitBroken(t *testing.T) {
	p := newPlane(t)
	answers := p.later(p.asks(Request{ID: night}))
	if err := p.Put(t.Context(), keyRun, []byte("hello"), 0); err != nil {
		t.Fatal(err)
	}
	if a := <-answers; a.err == nil || !strings.Contains(a.err.Error(), keyRun) {
		t.Errorf("the answer is %+v", a)
	}
	var syntax *json.SyntaxError
	if _, err := p.asks(Request{ID: night})(t.Context()); !errors.As(err, &syntax) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	client := &Client{p.Control}
	ready := func(want string) {
		t.Helper()
		err := client.Ready(t.Context())
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("ready: %v, want %q in it", err, want)
		}
	}
	ready("")
	p.write(keyRun, Record{ID: night, State: Running, Plan: "0123abcd"})
	ready("the queue of run night")
	p.run("0123abcd", "parse")
	ready("")
	p.write(keyRun, Record{ID: night, State: Committed, Plan: "4567ef01"}) // its queue is gone, as it should
	ready("")
	p.deleteStream("MILLRACE_INBOX_corpus")
	ready("MILLRACE_INBOX_corpus")
	p.deleteStream("KV_millrace_corpus")
	ready("KV_millrace_corpus, MILLRACE_INBOX_corpus")
}

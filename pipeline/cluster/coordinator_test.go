package cluster

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/store"
)

// coordinating runs a coordinator beside the test until stop is called.
func coordinating(t *testing.T, p plane, s site) (c *Coordinator, stop func()) {
	t.Helper()
	log := zerolog.New(zerolog.NewTestWriter(t))
	c = &Coordinator{Control: p.Control, Site: s.open(log, engine.Nobody{}), Log: log, LeaseTTL: time.Second}
	end := beside(t, c.Run)
	return c, func() {
		end()
		if c.Leading() {
			t.Error("it leads at its end")
		}
	}
}

// start asks for a run and waits for its end.
func (p plane) start(r Request) Record {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), time.Minute)
	defer cancel()
	record, err := p.asks(r)(ctx)
	if err != nil {
		p.t.Fatalf("run %s: %v", r.ID, err)
	}
	return record
}

// asks is start as later takes it.
func (p plane) asks(r Request) func(context.Context) (Record, error) {
	return func(ctx context.Context) (Record, error) { return (&Client{p.Control}).StartAndWait(ctx, r, nil) }
}

// TestCoordinatorNothing: a run that finds nothing has ended well, and takes its request and the inbox with it.
func TestCoordinatorNothing(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	coordinating(t, p, newSite(t))
	first := p.start(Request{ID: night, Date: "2026-11-23T02:00:00+08:00", Params: json.RawMessage(`{"like":"a text that goes"}`)})
	for _, key := range []string{keyRun, keyEnded + night} { // what it was told is not kept
		if data, revision, err := p.Get(t.Context(), key); err != nil || revision == 0 || strings.Contains(string(data), "a text") {
			t.Errorf("%s: %s, %v", key, data, err)
		}
	}
	if first.State != Nothing || first.Date != "2026-11-23T02:00:00+08:00" || first.Started.IsZero() || first.Ended.Before(first.Started) {
		t.Errorf("the run: %+v", first)
	}
	if r := p.start(Request{ID: "later"}); r.State != Nothing {
		t.Errorf("the next run: %+v", r)
	}
	if again := p.start(Request{ID: night}); !again.Started.Equal(first.Started) {
		t.Errorf("asked for again, it was done again: %+v", again)
	}
	p.await("no request", func() bool { return len(p.requests()) == 0 })
}

// TestCoordinatorFailed: a run fails for what is wrong with it, not the coordinator; asked for again, it is tried again.
func TestCoordinatorFailed(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	s := newSite(t)
	s.toy.news = filepath.Join(s.toy.news, "missing")
	coordinating(t, p, s)
	r := p.start(Request{ID: night})
	if r.State != Failed || !strings.Contains(r.Error, "source news") || r.Hint == "" || !r.Usage || r.Ended.IsZero() {
		t.Fatalf("a run without its source: %+v", r)
	}
	if err := os.Mkdir(s.toy.news, 0o755); err != nil {
		t.Fatal(err)
	}
	if r = p.start(Request{ID: night}); r.State != Nothing || r.Error != "" || r.Usage {
		t.Errorf("with its source: %+v", r)
	}
}

// TestCoordinatorKnows: that a run of this id was committed is known where its result lies, whatever NATS knows.
func TestCoordinatorKnows(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	s := newSite(t)
	const date = "2026-11-23T02:00:00+08:00"
	s.made(t, toyResult{ID: night, Date: date, Plan: thisPlan})
	s.toy.news = "/nowhere"
	coordinating(t, p, s)
	r := p.start(Request{ID: night})
	if r.State != Committed || r.Date != date || r.Plan != thisPlan || result(t, r).ID != night {
		t.Errorf("the run: %+v", r)
	}
}

// TestCoordinatorSuccession: of two one leads; if it stops the other goes on, and does what was asked for.
func TestCoordinatorSuccession(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	s := newSite(t)
	a, stopA := coordinating(t, p, s)
	p.await("the first to lead", a.Leading)
	b, _ := coordinating(t, p, s)
	leader := p.look().Coordinator
	if r := p.start(Request{ID: night}); r.State != Nothing {
		t.Errorf("the run: %+v", r)
	}
	if b.Leading() || leader == "" {
		t.Errorf("the second one leads: %v, the leader is %q", b.Leading(), leader)
	}
	stopA()
	p.await("the second to lead", b.Leading)
	if now := p.look(); now.Coordinator == leader || !now.Leading {
		t.Errorf("the leader is %q, and was %q", now.Coordinator, leader)
	}
	if r := p.start(Request{ID: "next"}); r.State != Nothing {
		t.Errorf("the next run: %+v", r)
	}
}

// TestCoordinatorRestores: what somebody deletes in NATS is made anew while it leads; without its bucket it leads anew.
func TestCoordinatorRestores(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	c, _ := coordinating(t, p, newSite(t))
	p.await("it to lead", c.Leading)
	whole := func() bool {
		missing, err := p.Missing(t.Context())
		return err == nil && len(missing) == 0
	}
	for _, stream := range []string{"MILLRACE_INBOX_corpus", "KV_millrace_corpus"} {
		p.deleteStream(stream)
		p.await("stream "+stream, whole)
		p.await("it to lead", func() bool { return c.Leading() && p.look().Leading })
		if r := p.start(Request{ID: strings.ToLower(stream)}); r.State != Nothing {
			t.Errorf("the run behind it: %+v", r)
		}
	}
}

// TestCoordinatorWithdrawn: a request that is withdrawn while others hold the corpus is never begun.
func TestCoordinatorWithdrawn(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	s := newSite(t)
	if err := os.Mkdir(filepath.Join(s.out, pipeline.WorkFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	hold, err := store.TryLock(filepath.Join(s.out, pipeline.WorkFolder, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	c, _ := coordinating(t, p, s)
	p.await("it to lead", c.Leading)
	client := &Client{p.Control}
	answers := p.later(p.asks(Request{ID: night}))
	if _, err := client.Cancel(t.Context(), night); err != nil {
		t.Fatal(err)
	}
	if err := client.Start(t.Context(), Request{ID: "next"}); err != nil {
		t.Fatal(err)
	}
	if r, _, err := readRecord(t.Context(), p.Control); r.ID != "" || err != nil {
		t.Errorf("a run is under way while another process has the corpus: %+v, %v", r, err)
	}
	if err := hold.Close(); err != nil {
		t.Fatal(err)
	}
	if r := p.start(Request{ID: "next"}); r.State != Nothing {
		t.Errorf("the next run: %+v", r)
	}
	p.want(answers, Cancelled)
}

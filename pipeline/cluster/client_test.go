package cluster

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// TestWaitForTheRecord: whoever waited for a run and then asks for the state of things is not told that it is under way.
func TestWaitForTheRecord(t *testing.T) {
	p := newPlane(t)
	p.write(keyRun, Record{ID: night, State: Committing})
	p.write(keyEnded+night, Record{ID: night, State: Committed}) // as leader.end does first
	answers := p.later(p.asks(Request{ID: night}))
	p.write(keyRun, Record{ID: night, State: Committed})
	p.want(answers, Committed)
}

// TestWaitBehindOthers: a run that failed has ended, though the next one is under way when the one who waits hears of it; one
// that was asked for again has not.
func TestWaitBehindOthers(t *testing.T) {
	p := newPlane(t)
	p.write(keyEnded+night, Record{ID: night, State: Failed})
	p.write(keyStart+night, Request{ID: night})
	p.write(keyRun, Record{ID: "other", State: Planning})
	answers := p.later(p.asks(Request{ID: night}))
	if err := p.Delete(t.Context(), keyStart+night, 0); err != nil {
		t.Fatal(err)
	}
	p.want(answers, Failed)
}

// TestCancelTaken: a request that a coordinator has taken is no request any more, but nearly a run.
func TestCancelTaken(t *testing.T) {
	p := newPlane(t)
	p.write(keyRun, Record{ID: "other", State: Committed})
	p.write(keyStart+night, Request{ID: night, Taken: true})
	client := &Client{p.Control}
	answers := p.later(func(ctx context.Context) (Record, error) { return client.Cancel(ctx, night) })
	p.write(keyRun, Record{ID: night, State: Running})
	p.await("the wish to cancel it", func() bool { return p.holds(keyCancel) == night })
	p.write(keyRun, Record{ID: night, State: Cancelled})
	p.want(answers, Cancelled)
	if _, err := client.Cancel(t.Context(), "other"); !errors.Is(err, pipeline.ErrUsage) {
		t.Errorf("a run that is over: %v", err)
	}
}

// TestEnded: runs that have ended, the newest first, but for those that were asked for again.
func TestEnded(t *testing.T) {
	p := newPlane(t)
	client := &Client{p.Control}
	if list, err := client.Ended(t.Context()); len(list) != 0 || err != nil {
		t.Errorf("of none: %v, %v", list, err)
	}
	for i, id := range []string{"b", "a", "c", "again"} {
		p.write(keyEnded+id, Record{ID: id, State: Failed, Ended: time.Unix(int64(100-i), 0)})
	}
	p.write(keyStart+"again", Request{ID: "again"})
	p.write(keyStart+"agai", Request{ID: "agai"})
	list, err := client.Ended(t.Context())
	if err != nil || len(list) != 3 || list[0].ID != "b" || list[1].ID != "a" || list[2].ID != "c" {
		t.Errorf("%v, %v", list, err)
	}
}

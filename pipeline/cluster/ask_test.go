package cluster

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// TestAsk: what is asked for is done when the record says so.
func TestAsk(t *testing.T) {
	p := newPlane(t)
	client := &Client{p.Control}
	for _, tt := range []struct {
		name   string
		do     func(context.Context) (Record, error)
		key    string
		before State
		during State // another step of the run meanwhile
		after  State
	}{
		{"Pause", client.Pause, keyPause, Planning, Running, Paused},
		{"Resume", client.Resume, keyResume, Paused, Paused, Running},
		{"Cancel", func(ctx context.Context) (Record, error) { return client.Cancel(ctx, "") }, keyCancel, Running, Paused, Cancelled},
		{"TooLate", client.Pause, keyPause, Running, Running, Committed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := plane{t, p.Control, p.nats}
			p.write(keyRun, Record{ID: night, State: tt.before})
			answers := p.later(tt.do)
			if got := p.holds(tt.key); got != night {
				t.Errorf("it is asked of run %q", got)
			}
			p.write(keyRun, Record{ID: night, State: tt.during})
			p.write(keyRun, Record{ID: night, State: tt.after})
			p.want(answers, tt.after)
		})
	}
}

// TestAskBehind: a run that follows another one at once is not told to be the one that was meant.
func TestAskBehind(t *testing.T) {
	p := newPlane(t)
	p.write(keyRun, Record{ID: "other", State: Running})
	answers := p.later((&Client{p.Control}).Pause)
	p.write(keyRun, Record{ID: night, State: Planning})
	p.want(answers, Planning)
}

func TestAskNothing(t *testing.T) {
	p := newPlane(t)
	client := &Client{p.Control}
	refused := func(word string, do func(context.Context) (Record, error)) {
		t.Helper()
		if _, err := do(t.Context()); !errors.Is(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), word) {
			t.Errorf("%v, want ErrUsage and %q", err, word)
		}
	}
	refused("there is no run: nothing to pause", client.Pause)
	p.write(keyRun, Record{ID: night, State: Committed})
	refused("run night is committed: nothing to pause", client.Pause)
	refused("nothing to cancel", func(ctx context.Context) (Record, error) { return client.Cancel(ctx, "") })
	refused("run other is neither under way nor asked for", func(ctx context.Context) (Record, error) { return client.Cancel(ctx, "other") })
	p.write(keyRun, Record{ID: night, State: Running})
	refused("run night is running: nothing to resume", client.Resume)
	p.write(keyRun, Record{ID: night, State: Committing}) // it is too late
	refused("run night is committing: nothing to cancel", func(ctx context.Context) (Record, error) { return client.Cancel(ctx, night) })
	for _, key := range []string{keyPause, keyResume, keyCancel} {
		if got := p.holds(key); got != "" {
			t.Errorf("%s stands for %q", key, got)
		}
	}
}

// TestAskUnheard: without a coordinator the wish stands.
func TestAskUnheard(t *testing.T) {
	p := newPlane(t)
	p.write(keyRun, Record{ID: night, State: Running})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := (&Client{p.Control}).Pause(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "the wish stands") {
		t.Errorf("pause: %v", err)
	}
	if got := p.holds(keyPause); got != night {
		t.Errorf("what is to be paused is %q", got)
	}
	p.write(keyStart+"next", Request{ID: "next", Taken: true})
	ctx, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err = (&Client{p.Control}).Cancel(ctx, "next"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("cancel of a run that a dead coordinator has taken: %v", err)
	}
}

// TestCancelWaiting withdraws a request that waits for its turn; who waits for that run is told.
func TestCancelWaiting(t *testing.T) {
	p := newPlane(t)
	client := &Client{p.Control}
	p.write(keyRun, Record{ID: "other", State: Running})
	if err := client.Start(t.Context(), Request{ID: night, Date: "2026-11-23T02:00:00+08:00"}); err != nil {
		t.Fatal(err)
	}
	answers := p.later(p.asks(Request{ID: night}))
	r, err := client.Cancel(t.Context(), night)
	if err != nil || r.ID != night || r.State != Cancelled || r.Date != "2026-11-23T02:00:00+08:00" || r.Ended.IsZero() {
		t.Errorf("cancelled: %+v, %v", r, err)
	}
	p.want(answers, Cancelled)
	if got := p.holds(keyStart + night); got != "" {
		t.Errorf("the request stands: %s", got)
	}
	if got := p.holds(keyCancel); got != "" {
		t.Errorf("the other run is to be cancelled: %s", got)
	}
}

package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/monitor"
)

const (
	// lookEvery is how often a command that waits for a run looks how far it is.
	lookEvery = time.Second
	// sureAfter is how many looks in a row have to show that something is missing before it is said: processes come up one after the other.
	sureAfter = 4
)

// waitingFor is how far a run of a cluster is, for a Display.
type waitingFor struct {
	id string

	mu    sync.Mutex
	shown monitor.Snapshot // guarded by mu
}

// Snapshot implements monitor.Source.
func (w *waitingFor) Snapshot() monitor.Snapshot {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.shown
}

// showWaiting shows how far a run is that this command waits for, and says what keeps it from going on: once, and when that changes. It ends
// when stop is called.
func (a *app) showWaiting(ctx context.Context, client *cluster.Client, id string) (stop func(), err error) {
	log, err := a.logger()
	if err != nil {
		return nil, err
	}
	w := &waitingFor{id: id, shown: monitor.Snapshot{State: "waiting"}}
	ctx, cancel := context.WithCancel(ctx)
	var looking sync.WaitGroup
	looking.Go(func() {
		missing := said{}
		for ctx.Err() == nil {
			// The wait itself says what is wrong with NATS.
			if s, err := (&looker{client: client}).look(ctx); err == nil {
				w.take(&s)
				if kind, text := missing.changed(lacks(&s, id)); text != "" {
					_ = a.aside(kind, "%s", text)
				}
			}
			_ = pipeline.Sleep(ctx, lookEvery) // the loop looks at ctx
		}
	})
	a.display.Show(ctx, w, log)
	return func() {
		cancel()
		looking.Wait()
		a.display.Stop()
	}, nil
}

// take keeps what a picture says of the run.
func (w *waitingFor) take(s *cluster.Status) {
	shown := monitor.Snapshot{State: "waiting for its turn"}
	if s.Run.ID == w.id {
		shown = s.Snapshot()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	shown.Whole = max(shown.Whole, w.shown.Whole) // a picture of late is no step back
	w.shown = shown
}

// lacks says what a run waits for that somebody has to start, "" if there is nothing.
func lacks(s *cluster.Status, id string) string {
	switch {
	case !s.Leading:
		return "no coordinator leads: run " + id + " waits for millrace serve"
	case s.Run.ID != id || !s.Run.State.UnderWay():
		return ""
	case len(s.Workers) == 0:
		return "there is no worker: run " + id + " waits for millrace worker"
	case len(s.Unmanned) > 0:
		return "no worker does " + strings.Join(s.Unmanned, ", ") + ": run " + id + " waits for one"
	}
	return ""
}

// said is what was said of what is missing.
type said struct {
	now   string // of the last looks
	looks int    // how many of them showed it
	told  string
}

// changed takes what is missing by a look, and returns what is to be said of it, "" for nothing.
func (s *said) changed(missing string) (kind, text string) {
	if missing != s.now {
		s.now, s.looks = missing, 0
	}
	if s.looks++; s.now == s.told || s.now != "" && s.looks < sureAfter {
		return "", ""
	}
	s.told = s.now
	if s.now == "" {
		return asidePlain, "what was missing is there: the run goes on"
	}
	return asideWarning, s.now
}

package cluster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
)

// Client asks a coordinator for things. What it asks for stays asked until one answers.
type Client struct {
	Control *queue.Control
}

// Start asks for a run of the given id, or takes note that somebody did already: one id makes one run.
func (c *Client) Start(ctx context.Context, r Request) error {
	if r.ID == "" || SafeName(r.ID) != r.ID {
		return fmt.Errorf("%w: %q cannot be the id of a run: only letters, digits, - and _", pipeline.ErrUsage, r.ID)
	}
	if _, err := set(ctx, c.Control, keyStart+r.ID, r, 0); err != nil && !isFenced(err) {
		return fmt.Errorf("ask for run %s: %w", r.ID, err)
	}
	return nil
}

// Ready says what is wrong if the control plane does not answer, or if it, or the queue of the run under way, is not whole.
func (c *Client) Ready(ctx context.Context) error {
	missing, err := c.Control.Missing(ctx)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("nats does not have %s: somebody has deleted it; millrace serve makes it anew, if it runs", strings.Join(missing, ", "))
	}
	r, _, err := readRecord(ctx, c.Control)
	if err != nil || !r.working() {
		return err
	}
	q, err := c.Control.Bind(ctx, r.Plan)
	if err != nil {
		return fmt.Errorf("the queue of run %s: %w", r.ID, err)
	}
	q.Close()
	return nil
}

// errForgotten says that nobody knows of a run that was asked for.
var errForgotten = errors.New("nats has lost the request for the run")

const (
	// forgottenEvery is how often who waits for a run looks whether it is still known.
	forgottenEvery = 3 * time.Second
	// askAgainFor is how long it is asked for again while there is nobody to ask.
	askAgainFor = 2 * time.Minute
)

// StartAndWait asks for a run and waits until it has ended. If NATS loses the request, because somebody deletes what it holds, it
// is asked for again; lost, which may be nil, hears of that.
func (c *Client) StartAndWait(ctx context.Context, r Request, lost func(error)) (Record, error) {
	var since time.Time // there has been nobody to ask
	for {
		err := c.Start(ctx, r)
		if err == nil {
			since = time.Time{}
			var record Record
			if record, err = c.wait(ctx, r.ID); err == nil {
				return record, nil
			}
		}
		if since.IsZero() {
			since = time.Now()
		}
		again := errors.Is(err, errForgotten) || errors.Is(err, queue.ErrNoControl) && time.Since(since) < askAgainFor
		if !again || ctx.Err() != nil {
			return Record{}, err
		}
		if lost != nil {
			lost(err)
		}
		if err := pipeline.Sleep(ctx, lookAgain); err != nil {
			return Record{}, err
		}
	}
}

// wait returns the record of a run that was asked for as soon as it has ended, also if others have run since. What is asked
// afterwards knows that it has. That nobody knows of the run any more is errForgotten.
func (c *Client) wait(ctx context.Context, id string) (Record, error) {
	var watching sync.WaitGroup
	defer watching.Wait()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	changed := make(chan struct{}, 1)
	tick := time.NewTicker(forgottenEvery)
	defer tick.Stop()
	for _, keys := range []string{keyRuns, keyEnded, keyStart} {
		watching.Go(func() {
			cancel(c.Control.Watch(ctx, keys, func(queue.ControlEntry) error {
				select {
				case changed <- struct{}{}:
				default:
				}
				return nil
			}))
		})
	}
	for {
		r, ended, known, err := c.ended(ctx, id)
		if err != nil {
			return r, pipeline.Cause(ctx, err)
		}
		if ended {
			return r, nil
		}
		if !known {
			return r, errForgotten
		}
		select {
		case <-ctx.Done():
			return r, context.Cause(ctx)
		case <-changed:
		case <-tick.C:
		}
	}
}

// ended says whether a run has ended, and how, and whether anybody knows of it. What is written last is read first.
func (c *Client) ended(ctx context.Context, id string) (r Record, ended, known bool, err error) {
	newest, _, err := readRecord(ctx, c.Control)
	if err != nil || newest.ID == id && newest.State.UnderWay() {
		return r, false, true, err
	}
	_, asked, err := readRequest(ctx, c.Control, id)
	if err != nil {
		return r, false, false, err
	}
	r, err = readEnd(ctx, c.Control, id)
	// One that did not end well may have been asked for again.
	return r, r.ID == id && (r.State.well() || asked == 0), r.ID == id || asked > 0, err
}

// Ended lists how runs have ended, each as it did last, for 90 days: those of all kinds of job, the newest end first.
func (c *Client) Ended(ctx context.Context) (list []Record, err error) {
	requests, err := c.Control.List(ctx, keyStart)
	if err != nil {
		return nil, err
	}
	entries, err := c.Control.List(ctx, keyEnded)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		id := e.Key[len(keyEnded):]
		if slices.ContainsFunc(requests, func(r queue.ControlEntry) bool { return r.Key == keyStart+id }) {
			continue // it was asked for again
		}
		var r Record
		if err := json.Unmarshal(e.Data, &r); err != nil {
			return nil, fmt.Errorf("decode %s: %w", e.Key, err)
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b Record) int { return cmp.Or(b.Ended.Compare(a.Ended), strings.Compare(b.ID, a.ID)) })
	return list, nil
}

// actions of a client, and the states that a run is in when they are done.
var actions = map[string]struct {
	key   string
	from  []State
	until func(State) bool
}{
	"pause":  {keyPause, []State{Planning, Running}, func(s State) bool { return s != Planning && s != Running }},
	"resume": {keyResume, []State{Paused}, func(s State) bool { return s != Paused }},
	"cancel": {keyCancel, []State{Planning, Running, Paused}, func(s State) bool { return !s.UnderWay() }},
}

// Pause stops handing out tasks of the run under way; what is in hand is finished. It returns when the coordinator has
// done so, or ctx ends.
func (c *Client) Pause(ctx context.Context) (Record, error) { return c.ask(ctx, "pause", "") }

// Resume ends a pause.
func (c *Client) Resume(ctx context.Context) (Record, error) { return c.ask(ctx, "resume", "") }

// Cancel ends the run under way and throws away what it has done: its files are taken by the next run. With an id it ends that
// run alone, or withdraws the request for it if it waits for its turn.
func (c *Client) Cancel(ctx context.Context, id string) (Record, error) {
	if id == "" {
		return c.ask(ctx, "cancel", "")
	}
	for {
		newest, _, err := readRecord(ctx, c.Control)
		if err != nil {
			return newest, err
		}
		if newest.ID == id && newest.State.UnderWay() {
			return c.ask(ctx, "cancel", id)
		}
		request, revision, err := readRequest(ctx, c.Control, id)
		switch {
		case err != nil:
			return newest, err
		case revision == 0:
			return newest, fmt.Errorf("%w: run %s is neither under way nor asked for: nothing to cancel", pipeline.ErrUsage, id)
		case request.Taken: // its record comes at once
			if err := pipeline.Sleep(ctx, 100*time.Millisecond); err != nil {
				return newest, fmt.Errorf("cancel run %s: no coordinator answers: %w", id, err)
			}
			continue
		}
		r := Record{ID: id, Date: request.Date, State: Cancelled, Ended: time.Now().UTC()}
		if err := writeEnd(ctx, c.Control, r); err != nil { // for those who wait for it; with a request, it means nothing yet
			return r, err
		}
		err = c.Control.Delete(ctx, keyStart+id, revision)
		if isFenced(err) { // a coordinator was faster
			continue
		}
		return r, err
	}
}

// ask has something done with the run under way, if id is empty or its id.
func (c *Client) ask(ctx context.Context, action, id string) (Record, error) {
	a := actions[action]
	r, _, err := readRecord(ctx, c.Control)
	if err != nil {
		return r, err
	}
	if !slices.Contains(a.from, r.State) || id != "" && id != r.ID {
		what := "there is no run"
		if r.ID != "" {
			what = fmt.Sprintf("run %s %s", r.ID, r.State.Says())
		}
		return r, fmt.Errorf("%w: %s: nothing to %s", pipeline.ErrUsage, what, action)
	}
	if err := c.Control.Put(ctx, a.key, []byte(r.ID), 0); err != nil {
		return r, fmt.Errorf("%s run %s: %w", action, r.ID, err)
	}
	f := newFollower(ctx, c.Control)
	defer f.stop()
	id = r.ID
	r, err = f.wait(ctx, func(now Record) bool { return now.ID != "" && (now.ID != id || a.until(now.State)) })
	if err != nil {
		return r, fmt.Errorf("%s run %s: no coordinator answers, and the wish stands until one does: %w", action, id, err)
	}
	return r, nil
}

// Attempts is how often a task of the run under way was tried at any of its stages, by all workers together. A run that has ended is
// queue.ErrGone.
func (c *Client) Attempts(ctx context.Context, plan string, stages []string, task int) (n int, err error) {
	q, err := c.Control.Bind(ctx, plan)
	if err != nil {
		return 0, err
	}
	defer q.Close()
	for _, stage := range stages {
		tried, err := q.Attempts(ctx, pipeline.Task{Stage: stage, Index: task, Plan: plan})
		if err != nil {
			return 0, err
		}
		n += tried
	}
	return n, nil
}

// Publish puts files on the queue of the next run. A file that is there already is no error.
//
// Without an inbox it waits for a moment: a coordinator makes it anew.
func (c *Client) Publish(ctx context.Context, files ...queue.FileRef) error {
	for start := time.Now(); ; {
		err := c.Control.Publish(ctx, files...)
		if !errors.Is(err, queue.ErrNoInbox) || time.Since(start) > 3*lookForStreams {
			return err
		}
		if err := pipeline.Sleep(ctx, lookAgain); err != nil {
			return err
		}
	}
}

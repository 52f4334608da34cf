package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
)

// coordinate moves the run through its phases, and listens to those who want it paused or stopped. It reports whether the
// run has ended.
func (l *leader) coordinate(ctx context.Context, q *queue.Run, plan *pipeline.Plan, stages []string) (over bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	running := l.record.Plan
	var background sync.WaitGroup
	defer background.Wait()
	defer cancel(nil)
	background.Go(func() {
		err := l.Control.Watch(ctx, keyFailed, func(e queue.ControlEntry) error {
			if e.Key != keyFailed+running || e.Data == nil {
				return nil
			}
			var text string
			if err := json.Unmarshal(e.Data, &text); err != nil {
				text = string(e.Data)
			}
			cancel(&failedError{text})
			return nil
		})
		if err != nil && ctx.Err() == nil {
			cancel(err)
		}
	})
	background.Go(func() { l.tell(ctx, running) })
	background.Go(func() { l.watchWorkers(ctx, stages) })
	done := make(chan error, 1)
	background.Go(func() { done <- l.Site.Coordinate(ctx, q, plan) })
	l.poke() // what was asked for while it was planned
	for {
		select {
		case err := <-done:
			if err == nil {
				return false, nil
			}
			return l.stopped(ctx, err)
		case <-l.wake:
			if err := l.obey(ctx, q, cancel); err != nil {
				cancel(err)
			}
		}
	}
}

// errCancelled ends a run that somebody cancelled.
var errCancelled = errors.New("cancelled")

// failedError is what a worker says of a task that nobody can do.
type failedError struct{ text string }

func (e *failedError) Error() string { return e.text }

// stopped says what becomes of a run that ended before its ledger was full.
func (l *leader) stopped(ctx context.Context, err error) (over bool, _ error) {
	err = pipeline.Cause(ctx, err)
	outside := context.WithoutCancel(ctx) // ctx ended with the run; the lease is checked by every compare-and-set
	plan := l.record.Plan
	_, hopeless := errors.AsType[*failedError](err)
	switch {
	case errors.Is(err, errCancelled):
		err = l.end(outside, func(r *Record) { r.State = Cancelled })
	case hopeless:
		err = l.fail(outside, err)
	case ctx.Err() != nil:
		return true, err
	default: // what was done is kept: the same plan goes on from there
		return true, l.fail(outside, err)
	}
	if err != nil {
		return true, err
	}
	if err := l.clean(outside, plan); err != nil {
		return true, err
	}
	return true, l.discard(outside)
}

// discard removes what a run that nobody will take up again has written for its version. What workers write until they know
// of its end goes with the next plan.
func (l *leader) discard(ctx context.Context) error {
	if err := l.lease.Check(ctx); err != nil {
		return err
	}
	return l.Site.Recover(ctx, nil)
}

// obey does what the requests for the run under way say. One for a run that ended before it came is forgotten.
func (l *leader) obey(ctx context.Context, q *queue.Run, cancel context.CancelCauseFunc) error {
	list, err := l.Control.List(ctx, keyRequest)
	if err != nil {
		return err
	}
	for _, e := range list {
		if strings.HasPrefix(e.Key, keyStart) { // waits its turn
			continue
		}
		meant := string(e.Data) == l.record.ID
		switch {
		case meant && e.Key == keyPause:
			if err = q.Pause(ctx); err == nil {
				err = l.set(ctx, func(r *Record) { r.State = Paused })
			}
		case meant && e.Key == keyResume:
			if err = q.Resume(ctx); err == nil {
				err = l.set(ctx, func(r *Record) { r.State = Running })
			}
		case meant && e.Key == keyCancel:
			cancel(errCancelled)
			return nil
		}
		if err != nil {
			return err
		}
		if err := l.Control.Delete(ctx, e.Key, e.Rev); err != nil && !isFenced(err) {
			return err
		}
	}
	return nil
}

// tell writes the progress for people.
func (l *leader) tell(ctx context.Context, plan string) {
	if l.Progress == nil {
		return
	}
	var trouble seldom
	for {
		p := l.Progress()
		p.Plan = plan
		err := put(ctx, l.Control, keyProgress, p, 0)
		if err == nil {
			trouble.over()
		} else if ctx.Err() == nil && trouble.now(err.Error()) {
			l.Log.Warn().Err(err).Msg("tell the others of the progress")
		}
		if pipeline.Sleep(ctx, progressEvery) != nil {
			return
		}
	}
}

// tellPlanning writes how far the plan of the run under way is, for people, until stop is called.
func (l *leader) tellPlanning(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var telling sync.WaitGroup
	telling.Go(func() {
		for l.Planning != nil && pipeline.Sleep(ctx, progressEvery) == nil {
			s, planning := l.Planning.State()
			if !planning {
				continue
			}
			// That nobody hears of it is no trouble: what else needs NATS says so.
			_ = put(ctx, l.Control, keyProgress, Progress{Run: l.record.ID, Planning: &s, Stages: []StageProgress{}}, 0)
		}
	})
	return func() {
		cancel()
		telling.Wait()
	}
}

// unmannedFor is how long a stage may be without a worker before the coordinator says so: workers come up one after the other.
const unmannedFor = 10 * time.Second

// watchWorkers says in the log which stages of the run under way no worker does, until ctx ends. Without that word a run that waits for
// one looks like a run that works.
func (l *leader) watchWorkers(ctx context.Context, stages []string) {
	since := time.Now() // when all stages had a worker, the last time
	var trouble seldom
	for pipeline.Sleep(ctx, beatEvery) == nil {
		list, err := l.Control.List(ctx, keyWorker)
		if err != nil {
			continue // whoever else needs NATS says so
		}
		var workers []WorkerStatus
		for _, e := range list {
			var w WorkerStatus
			if json.Unmarshal(e.Data, &w) == nil {
				workers = append(workers, w)
			}
		}
		missing := unmanned(workers, stages)
		switch {
		case len(missing) == 0:
			since = time.Now()
			trouble.over()
		case time.Since(since) >= unmannedFor && trouble.now(strings.Join(missing, ",")):
			l.Log.Warn().Strs("stages", missing).Msg("no worker does these stages: the run waits for one; start millrace worker, with --stages if it has any")
		}
	}
}

// unmanned are the stages that none of the workers does.
func unmanned(workers []WorkerStatus, stages []string) (missing []string) {
	for _, stage := range stages {
		if !slices.ContainsFunc(workers, func(w WorkerStatus) bool { return w.does(stage) }) {
			missing = append(missing, stage)
		}
	}
	return missing
}

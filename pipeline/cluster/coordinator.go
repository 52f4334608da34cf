package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/engine"
	"millrace/pipeline/queue"
	"millrace/pipeline/store"
)

const (
	// leaseTTL is how long a coordinator may be silent before another one takes over. Several servers of NATS that lose their
	// leader are silent for some seconds themselves.
	leaseTTL           = 6 * time.Second
	leaseTTLReplicated = 15 * time.Second

	progressEvery = time.Second
	// afterFailure is how long a coordinator that met an error waits before it, or another one, goes on.
	afterFailure = time.Second
	// lookAgain is how often a run that waits for its turn looks whether it has come.
	lookAgain = time.Second
	// troublePatience is how long a coordinator waits for a full disk to be mended before the run has failed.
	troublePatience = time.Minute
	// endedTTL is how long it is known by itself that a run has ended; manifests know it for ever.
	endedTTL = 90 * 24 * time.Hour
)

// Coordinator plans runs, moves them on and commits them, for as long as it leads; otherwise it waits to. Any number of
// them may run.
type Coordinator struct {
	Control *queue.Control
	Site    *engine.Site
	Queue   queue.Options // of the runs' streams
	Log     zerolog.Logger
	// Progress reads how far the run is from what observes Site.
	Progress func() Progress
	// Schedule is when runs begin by themselves; nil is never.
	Schedule *Schedule
	// LeaseTTL is six seconds, or fifteen with a replicated queue, unless set otherwise.
	LeaseTTL time.Duration

	id string
	// trouble is since when the store has failed the run under way and nothing else has happened; zero if it has not.
	trouble time.Time

	mu      sync.Mutex
	leading bool // guarded by mu
}

// Leading says whether this process coordinates at the moment.
func (c *Coordinator) Leading() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leading
}

func (c *Coordinator) setLeading(leading bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leading = leading
}

// Run coordinates until ctx ends. What fails is tried again, by this process or another: an error that a run meets ends the
// run, not the coordinator. Only NATS that is gone for good ends it: one that has lost everything is set up anew.
func (c *Coordinator) Run(ctx context.Context) error {
	c.id = NewID()
	if c.LeaseTTL == 0 {
		c.LeaseTTL = leaseTTL
		if c.Queue.Replicas > 1 {
			c.LeaseTTL = leaseTTLReplicated
		}
	}
	for ctx.Err() == nil {
		lease, err := c.Control.Lead(ctx, c.id, c.LeaseTTL)
		if err != nil {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // being told to stop is how a coordinator ends
			}
			if !errors.Is(err, queue.ErrNoControl) {
				return err
			}
			c.Log.Warn().Err(err).Msg("the control plane is gone: what was asked for is forgotten")
			if err := c.Control.Restore(ctx); err != nil && ctx.Err() == nil {
				return err
			}
			continue
		}
		c.Log.Info().Str("coordinator", c.id).Msg("leading")
		c.setLeading(true)
		err = c.lead(lease.Context(), lease) //nolint:contextcheck // the lease's context ends with ctx
		c.setLeading(false)
		lease.Resign() //nolint:contextcheck // the lease has the context
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the same
		}
		c.Log.Warn().Err(cause(lease.Context(), err)).Msg("leading no more") //nolint:contextcheck // the same
		select {
		case <-ctx.Done():
		case <-time.After(afterFailure):
		}
	}
	return nil
}

// cause prefers the reason why ctx ended to the errors that this made.
func cause(ctx context.Context, err error) error {
	if c := context.Cause(ctx); c != nil && !errors.Is(c, context.Canceled) {
		return c
	}
	return err
}

// lead does one run after the other for as long as the lease holds.
func (c *Coordinator) lead(ctx context.Context, lease *queue.Lease) error {
	l := &leader{Coordinator: c, lease: lease, wake: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancelCause(ctx)
	l.lost = cancel
	defer l.giveBack()
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel(nil)
	watching.Go(func() {
		err := c.Control.Watch(ctx, keyRequest, func(queue.ControlEntry) error {
			l.poke()
			return nil
		})
		if err != nil && ctx.Err() == nil {
			cancel(err)
		}
	})
	watching.Go(func() {
		if err := c.keepSchedule(ctx); err != nil && ctx.Err() == nil {
			cancel(err)
		}
	})
	var err error
	if l.record, l.revision, err = readRecord(ctx, c.Control); err != nil {
		return err
	}
	for {
		if err := l.step(ctx); err != nil {
			return cause(ctx, err)
		}
	}
}

// leader is a coordinator while it leads.
type leader struct {
	*Coordinator
	lease    *queue.Lease
	record   Record
	revision uint64
	wake     chan struct{} // buffer 1: there may be a request
	corpus   io.Closer     // what keeps others out of the corpus while a run is under way, nil otherwise
	lost     context.CancelCauseFunc
}

func (l *leader) poke() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// step brings the run under way to its end, or begins the next one, or waits for somebody to ask for one.
func (l *leader) step(ctx context.Context) error {
	if l.record.State.UnderWay() {
		if _, err := l.take(ctx); err != nil {
			return err
		}
		return l.finish(ctx)
	}
	request, found, err := l.nextRequest(ctx)
	if err != nil {
		return err
	}
	if found {
		if waited, err := l.take(ctx); err != nil || waited { // somebody else may have done this very date meanwhile
			return err
		}
		return l.begin(ctx, request)
	}
	l.giveBack()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-l.wake:
		return nil
	}
}

// take keeps those who are no part of the cluster out of the corpus; one that is in there has its turn first. It reports
// whether that was so.
func (l *leader) take(ctx context.Context) (waited bool, err error) {
	for l.corpus == nil {
		l.corpus, err = l.Site.Take(ctx, l.lost)
		switch {
		case err == nil:
			return waited, nil
		case ctx.Err() != nil:
			return waited, ctx.Err()
		case !errors.Is(err, store.ErrLocked): // no version depends on it
			l.Log.Warn().Err(err).Msg("others are not kept out of the corpus")
			return waited, nil
		case !waited:
			l.Log.Info().Err(err).Msg("waiting for the other run to end")
		}
		waited = true
		select {
		case <-ctx.Done():
			return waited, ctx.Err()
		case <-time.After(lookAgain):
		}
	}
	return waited, nil
}

// giveBack lets others into the corpus.
func (l *leader) giveBack() {
	if l.corpus == nil {
		return
	}
	if err := l.corpus.Close(); err != nil {
		l.Log.Warn().Err(err).Msg("give the corpus back")
	}
	l.corpus = nil
}

// nextRequest is the first request for a run by name, which for scheduled ones is the oldest. One for a run that has ended
// well is removed.
func (l *leader) nextRequest(ctx context.Context) (Request, bool, error) {
	list, err := l.Control.List(ctx, keyStart)
	if err != nil {
		return Request{}, false, err
	}
	for _, e := range list {
		var r Request
		err := json.Unmarshal(e.Data, &r)
		done := err != nil || keyStart+r.ID != e.Key
		if !done {
			if done, err = l.ended(ctx, r.ID); err != nil {
				return r, false, err
			}
		}
		if !done {
			return r, true, nil
		}
		l.Log.Info().Str("request", e.Key).Msg("answered already")
		if err := l.Control.Delete(ctx, e.Key, e.Rev); err != nil && !isFenced(err) {
			return r, false, err
		}
	}
	return Request{}, false, nil
}

// ended says whether a run of this id has made a version, or found nothing to make one of. The manifests know the former,
// should the control plane be lost.
func (l *leader) ended(ctx context.Context, id string) (bool, error) {
	_, revision, err := l.Control.Get(ctx, keyEnded+id)
	if err != nil || revision > 0 {
		return revision > 0, err
	}
	return l.Site.Corpus().HasRun(ctx, id)
}

// set writes the record: from then on every process goes by it, and a coordinator that led before is fenced off.
func (l *leader) set(ctx context.Context, change func(*Record)) error {
	r := l.record
	change(&r)
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	revision, err := l.Control.Set(ctx, keyRun, data, l.revision)
	if err != nil {
		return err
	}
	l.record, l.revision, l.trouble = r, revision, time.Time{}
	l.Log.Info().Str("run", r.ID).Str("state", string(r.State)).Msg("run")
	return nil
}

// begin starts the run of a request.
func (l *leader) begin(ctx context.Context, request Request) error {
	if request.Restart && l.record.Plan != "" {
		if err := l.clean(ctx, l.record.Plan); err != nil {
			return err
		}
	}
	before := l.record.Plan
	err := l.set(ctx, func(r *Record) {
		*r = Record{ID: request.ID, Date: request.Date, Force: request.Force, State: Planning, Started: time.Now().UTC()}
	})
	if err != nil {
		return err
	}
	if err := l.plan(ctx); err != nil {
		return err
	}
	if before != "" && before != l.record.Plan { // nobody will take that one up again
		return l.clean(ctx, before)
	}
	return nil
}

// plan makes the plan of the run under way.
func (l *leader) plan(ctx context.Context) error {
	for _, key := range []string{keyPause, keyResume, keyCancel} { // meant for the run before
		if err := l.Control.Delete(ctx, key, 0); err != nil {
			return err
		}
	}
	refs, upTo, err := l.Control.Inbox(ctx)
	if err != nil {
		return err
	}
	published := make([]engine.Published, len(refs))
	for i, f := range refs {
		published[i] = engine.Published{Source: f.Source, Path: f.Path, Digest: f.Digest}
	}
	p, err := l.Site.Plan(ctx, published, l.lease.Check)
	if err != nil {
		return l.fail(ctx, err)
	}
	if p.Plan == nil {
		if err := l.Control.ClearInbox(ctx, upTo); err != nil {
			return err
		}
		return l.end(ctx, func(r *Record) { r.State, r.Skipped = Nothing, p.Skipped })
	}
	if err := l.Control.Delete(ctx, keyFailed+p.Plan.Digest(), 0); err != nil {
		return err
	}
	return l.set(ctx, func(r *Record) {
		r.State, r.Plan, r.Skipped, r.InboxUpTo = Running, p.Plan.Digest(), p.Skipped, upTo
	})
}

// fail ends the run under way for an error of its own. What NATS or the store do is no fault of the run: the coordinator
// tries again.
func (l *leader) fail(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, pipeline.ErrUnreachable) || isFenced(err) {
		return err
	}
	if isTrouble(err) {
		if l.trouble.IsZero() {
			l.trouble = time.Now()
		}
		if time.Since(l.trouble) < troublePatience {
			return err
		}
	}
	l.Log.Error().Err(err).Str("run", l.record.ID).Msg("the run has failed")
	hint := ""
	if h, ok := errors.AsType[*pipeline.HintError](err); ok {
		hint = h.Hint
	}
	return l.end(ctx, func(r *Record) { r.State, r.Error, r.Hint = Failed, err.Error(), hint })
}

// isTrouble says that a disk is full or read-only, or fails: somebody may mend it.
func isTrouble(err error) bool {
	for _, e := range []error{syscall.ENOSPC, syscall.EROFS, syscall.EDQUOT, syscall.EIO, syscall.ESTALE} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// end closes the record. The request for the run goes before it, or it would be taken for a new one.
func (l *leader) end(ctx context.Context, change func(*Record)) error {
	r := l.record
	change(&r)
	if r.State == Committed || r.State == Nothing {
		data, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if err := l.Control.Put(ctx, keyEnded+r.ID, data, endedTTL); err != nil {
			return err
		}
	}
	if err := l.Control.Delete(ctx, keyStart+l.record.ID, 0); err != nil {
		return err
	}
	return l.set(ctx, func(r *Record) {
		change(r)
		r.Ended = time.Now().UTC()
	})
}

// clean removes the queue and the work of a run that has ended.
func (l *leader) clean(ctx context.Context, plan string) error {
	if err := l.Control.DeleteRun(ctx, plan); err != nil {
		return err
	}
	if err := l.Control.Delete(ctx, keyFailed+plan, 0); err != nil {
		return err
	}
	return l.Site.Drop(ctx, plan)
}

// finish brings the run under way to its end.
func (l *leader) finish(ctx context.Context) error {
	if l.record.State == Planning {
		return l.plan(ctx)
	}
	// The version may stand already: the coordinator before this one died behind its commit.
	newest, err := l.Site.Corpus().Newest(ctx)
	if err != nil {
		return l.fail(ctx, err)
	}
	if newest != nil && newest.Plan == l.record.Plan {
		if err := l.Site.Corpus().Finish(ctx, newest); err != nil {
			return l.fail(ctx, err)
		}
		return l.committed(ctx, newest)
	}
	plan, err := l.Site.Load(ctx, l.record.Plan)
	if err != nil { // gone, damaged, or of another version of the program
		return l.fail(ctx, fmt.Errorf("the plan cannot be taken up: %w", err))
	}
	q, err := l.Control.Create(ctx, l.record.Plan, l.Queue)
	if err != nil {
		return err
	}
	defer q.Close()
	if l.record.State != Committing {
		if over, err := l.coordinate(ctx, q, plan); err != nil || over {
			return err
		}
		if err := l.set(ctx, func(r *Record) { r.State = Committing }); err != nil {
			return err
		}
	}
	p := engine.Planned{Plan: plan, Skipped: l.record.Skipped, Force: l.record.Force}
	run := corpus.RunInfo{
		ID: l.record.ID, Date: l.record.Date, Started: l.record.Started.Format(time.RFC3339), Seconds: time.Since(l.record.Started).Seconds(), Host: l.id,
	}
	m, err := l.Site.Commit(ctx, p, run, l.lease.Check)
	if err != nil {
		return l.fail(ctx, err)
	}
	return l.committed(ctx, m)
}

// committed tidies up behind a version. The record comes last: until then the next coordinator does the same again.
func (l *leader) committed(ctx context.Context, m *corpus.Manifest) error {
	if l.record.InboxUpTo > 0 {
		if err := l.Control.ClearInbox(ctx, l.record.InboxUpTo); err != nil {
			return err
		}
	}
	if err := l.clean(ctx, l.record.Plan); err != nil {
		return err
	}
	result := engine.ResultOf(m)
	return l.end(ctx, func(r *Record) { r.State, r.Result = Committed, &result })
}

// coordinate moves the run through its phases, and listens to those who want it paused or stopped. It reports whether the
// run has ended.
func (l *leader) coordinate(ctx context.Context, q *queue.Run, plan *pipeline.Plan) (over bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
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
	err = cause(ctx, err)
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
	return l.Site.Corpus().Recover(ctx, nil)
}

// obey does what the requests for the run under way say.
func (l *leader) obey(ctx context.Context, q *queue.Run, cancel context.CancelCauseFunc) error {
	list, err := l.Control.List(ctx, keyRequest)
	if err != nil {
		return err
	}
	for _, e := range list {
		switch e.Key {
		case keyPause:
			if err = q.Pause(ctx); err == nil {
				err = l.set(ctx, func(r *Record) { r.State = Paused })
			}
		case keyResume:
			if err = q.Resume(ctx); err == nil {
				err = l.set(ctx, func(r *Record) { r.State = Running })
			}
		case keyCancel:
			cancel(errCancelled)
			return nil
		default: // a request for a run waits its turn
			continue
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
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		p := l.Progress()
		p.Plan = plan
		data, err := json.Marshal(p)
		if err == nil {
			err = l.Control.Put(ctx, keyProgress, data, 0)
		}
		if err != nil && ctx.Err() == nil {
			l.Log.Warn().Err(err).Msg("tell the others of the progress")
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/queue"
	"github.com/millrace/millrace/pipeline/store"
)

// leader is a coordinator while it leads.
type leader struct {
	*Coordinator
	lease    *queue.Lease
	record   Record
	revision uint64
	wake     chan struct{} // buffer 1: there may be a request
	corpus   io.Closer     // what keeps others out of the corpus while a run is under way, nil otherwise
	lost     context.CancelCauseFunc
	mended   int // how often the commit of the run under way has met damaged files
}

// maxMended is how often a commit may meet damaged files: then the disk is bad.
const maxMended = 3

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
	request, revision, err := l.nextRequest(ctx)
	if err != nil {
		return err
	}
	if revision > 0 {
		if l.comesFirst(request) {
			if waited, err := l.take(ctx); err != nil || waited {
				return err
			}
			if l.Site.Stands(ctx, l.record.Plan) {
				return l.reopen(ctx, request)
			}
		}
		if waited, err := l.take(ctx); err != nil || waited { // somebody else may have done this very date meanwhile
			return err
		}
		return l.begin(ctx, request, revision)
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
		if err := pipeline.Sleep(ctx, lookAgain); err != nil {
			return waited, err
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

// nextRequest is the first request for a run by name, which for scheduled ones is the oldest, and its revision, 0 if there is
// none. One for a run that has ended well is removed.
func (l *leader) nextRequest(ctx context.Context) (Request, uint64, error) {
	list, err := l.Control.List(ctx, keyStart)
	if err != nil {
		return Request{}, 0, err
	}
	for _, e := range list {
		var r Request
		err := json.Unmarshal(e.Data, &r)
		done := err != nil || keyStart+r.ID != e.Key
		if !done {
			if done, err = l.ended(ctx, r.Kind, r.ID); err != nil {
				return r, 0, err
			}
		}
		if !done {
			return r, e.Rev, nil
		}
		l.Log.Info().Str("request", e.Key).Msg("answered already")
		if err := l.Control.Delete(ctx, e.Key, e.Rev); err != nil && !isFenced(err) {
			return r, 0, err
		}
	}
	return Request{}, 0, nil
}

// ended says whether a run of this id has made a version, or found nothing to make one of. The manifests know the former,
// should the control plane be lost, or have had no part in it; who waits for the run is told.
func (l *leader) ended(ctx context.Context, kind, id string) (bool, error) {
	r, err := readEnd(ctx, l.Control, id)
	if err != nil || r.State.well() {
		return err == nil, err
	}
	made, err := l.Site.Made(ctx, kind, id, "")
	if err != nil || made == nil {
		return false, err
	}
	r = Record{ID: id, Kind: kind, Date: made.Date, State: Committed, Plan: made.Plan}
	if r.Result, err = json.Marshal(made.Result); err != nil {
		return false, err
	}
	return true, writeEnd(ctx, l.Control, r)
}

// set writes the record: from then on every process goes by it, and a coordinator that led before is fenced off.
func (l *leader) set(ctx context.Context, change func(*Record)) error {
	r := l.record
	change(&r)
	revision, err := set(ctx, l.Control, keyRun, r, l.revision)
	if err != nil {
		return err
	}
	l.record, l.revision, l.trouble = r, revision, time.Time{}
	l.Log.Info().Str("run", r.ID).Str("state", string(r.State)).Msg("run")
	return nil
}

// begin starts the run of a request, unless somebody has withdrawn it meanwhile.
func (l *leader) begin(ctx context.Context, request Request, revision uint64) error {
	request.Taken = true
	if _, err := set(ctx, l.Control, keyStart+request.ID, request, revision); err != nil {
		if isFenced(err) {
			return nil
		}
		return err
	}
	if request.Restart && l.record.Plan != "" {
		if err := l.clean(ctx, l.record.Plan); err != nil {
			return err
		}
	}
	for _, key := range []string{keyPause, keyResume, keyCancel} { // meant for the run before: nobody can mean this one yet
		if err := l.Control.Delete(ctx, key, 0); err != nil {
			return err
		}
	}
	before := l.record.Plan
	l.mended = 0
	err := l.set(ctx, func(r *Record) {
		*r = Record{
			ID: request.ID, Kind: request.Kind, Date: request.Date, Force: request.Force, RetryRejected: request.RetryRejected, Moved: request.Moved,
			Params: request.Params, State: Planning, Started: time.Now().UTC(),
		}
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
	refs, upTo, err := l.Control.Inbox(ctx)
	if err != nil {
		return err
	}
	request := engine.Request{
		Kind: l.record.Kind, ID: l.record.ID, Date: l.record.Date, Force: l.record.Force, Retry: l.record.RetryRejected, Moved: l.record.Moved,
		Params: l.record.Params,
	}
	for _, f := range refs {
		request.Files = append(request.Files, engine.PublishedFile{Source: f.Source, Path: f.Path, Digest: f.Digest})
	}
	stop := l.tellPlanning(ctx)
	p, err := l.Site.Plan(ctx, request, l.lease.Check)
	stop()
	if err != nil {
		return l.fail(ctx, err)
	}
	if !l.Site.Reads(l.record.Kind) {
		upTo = 0 // files are published for those who read them
	}
	if p.Plan == nil {
		if upTo > 0 {
			if err := l.Control.ClearInbox(ctx, upTo); err != nil {
				return err
			}
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
	// What somebody has deleted of the queue is made anew.
	if ctx.Err() != nil || pipeline.IsOneOf(err, pipeline.ErrUnreachable, pipeline.ErrFenced, queue.ErrGone, queue.ErrNoControl) {
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
	stopped, isStopped := errors.AsType[engine.Stopped](err)
	if isStopped && l.record.Plan != "" {
		if err := l.Site.Stopped(ctx, l.record.Plan, stopped); err != nil {
			return err
		}
	}
	return l.end(ctx, func(r *Record) {
		r.State, r.Error, r.Hint, r.Stopped = Failed, err.Error(), pipeline.Hint(err), isStopped
		r.Usage = errors.Is(err, pipeline.ErrUsage)
	})
}

// isTrouble says that a disk is full or read-only, or fails: somebody may mend it.
func isTrouble(err error) bool {
	return pipeline.IsOneOf(err, syscall.ENOSPC, syscall.EROFS, syscall.EDQUOT, syscall.EIO, syscall.ESTALE)
}

// end closes the record. The request for the run goes before it, or it would be taken for a new one, and behind the note of how
// it has ended, which those who wait for it read.
func (l *leader) end(ctx context.Context, change func(*Record)) error {
	r := l.record
	change(&r)
	r.Ended, r.Params = time.Now().UTC(), nil
	if r.Behind != "" && r.State == Failed { // who waits behind a run that stops again has waited in vain
		behind := r
		behind.ID, behind.Date, behind.Plan = r.Behind, "", ""
		behind.Error = fmt.Sprintf("the run of %s comes first, and is stopped again: %s", r.Date, r.Error)
		behind.Hint = "mend its input or raise the limit; start --force accepts an alarm, start --restart gives it up: nothing of it was committed"
		if err := l.answer(ctx, behind); err != nil {
			return err
		}
	}
	r.Behind = ""
	if err := l.answer(ctx, r); err != nil {
		return err
	}
	return l.set(ctx, func(record *Record) { *record = r })
}

// answer notes how a run has ended, and takes the request for it away.
func (l *leader) answer(ctx context.Context, r Record) error {
	if err := writeEnd(ctx, l.Control, r); err != nil {
		return err
	}
	return l.Control.Delete(ctx, keyStart+r.ID, 0)
}

// comesFirst says whether the newest run is a night that limits or an alarm stopped, and that has to end before another one: as
// long as it stands it keeps its date. Runs without a date are planned anew, over all there is.
func (l *leader) comesFirst(request Request) bool {
	r := &l.record
	return r.State == Failed && r.Stopped && r.Plan != "" && r.Date != "" && r.ID != request.ID && !request.Restart
}

// reopen takes up the run that was stopped, for a request that waits behind it. Its files are as they were, so it comes to the same,
// unless limits were raised or the request forces it.
func (l *leader) reopen(ctx context.Context, request Request) error {
	l.mended = 0
	return l.set(ctx, func(r *Record) {
		r.State, r.Force, r.Behind, r.Started, r.Ended = Running, request.Force, request.ID, time.Now().UTC(), time.Time{}
		r.Error, r.Hint, r.Stopped, r.Usage = "", "", false, false
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
	made, err := l.Site.Made(ctx, l.record.Kind, "", l.record.Plan)
	if err != nil {
		return l.fail(ctx, err)
	}
	if made != nil {
		return l.committed(ctx, made)
	}
	plan, err := l.Site.Load(ctx, l.record.Plan)
	if engine.IsGone(err) {
		l.Log.Warn().Err(err).Str("run", l.record.ID).Msg("the plan of the run under way is gone or damaged: planned anew")
		return l.replan(ctx)
	}
	if err != nil { // of another version of the program, or with other settings
		return l.fail(ctx, fmt.Errorf("the plan cannot be taken up: %w", err))
	}
	o := l.Queue
	chain, err := l.Site.Chain(plan)
	if err != nil {
		return l.fail(ctx, err)
	}
	o.Stages = chain.Names()
	q, err := l.Control.Create(ctx, l.record.Plan, o)
	if err != nil {
		return err
	}
	defer q.Close()
	if l.record.State != Committing {
		if over, err := l.coordinate(ctx, q, plan, o.Stages); err != nil || over {
			return err
		}
		if err := l.set(ctx, func(r *Record) { r.State = Committing }); err != nil {
			return err
		}
	}
	result, err := l.Site.Commit(ctx, q, plan, engine.Commit{
		Skipped: l.record.Skipped, Force: l.record.Force, Lead: l.lease.Check,
		Info: engine.Info{ID: l.record.ID, Date: l.record.Date, Started: l.record.Started, Host: l.id},
	})
	if errors.Is(err, engine.ErrMended) && l.mended < maxMended {
		l.mended++
		return l.set(ctx, func(r *Record) { r.State = Running })
	}
	if err != nil {
		return l.fail(ctx, err)
	}
	return l.committed(ctx, &result)
}

// replan plans the run under way once more. It goes on from what was done if the same plan comes out.
func (l *leader) replan(ctx context.Context) error {
	before := l.record.Plan
	if err := l.set(ctx, func(r *Record) { r.State, r.Plan = Planning, "" }); err != nil {
		return err
	}
	if err := l.plan(ctx); err != nil || l.record.Plan == before {
		return err
	}
	return l.clean(ctx, before)
}

// committed tidies up behind a run that has ended well. The record comes last: until then the next coordinator does the same again.
func (l *leader) committed(ctx context.Context, made *engine.Outcome) error {
	if l.record.InboxUpTo > 0 {
		if err := l.Control.ClearInbox(ctx, l.record.InboxUpTo); err != nil {
			return err
		}
	}
	if err := l.clean(ctx, l.record.Plan); err != nil {
		return err
	}
	result, err := json.Marshal(made.Result)
	if err != nil {
		return err
	}
	state := Committed
	if made.Nothing {
		state = Nothing
		if err := l.discard(ctx); err != nil {
			return err
		}
	}
	return l.end(ctx, func(r *Record) { r.State, r.Result = state, result })
}

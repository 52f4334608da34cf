package ingest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/store"
)

// What an ingest that has not ended leaves for the next command, beside what engine.Left says, and what that makes of it.
//
//	killed behind the plan, or interrupted       its run ends first, under its own id and date; then comes what was asked for
//	stopped by limits or an alarm (told in       the same, if neither its files nor the settings that have a part in the result
//	the ticket)                                  differ: it stops again at once, unless limits were raised or --force given.
//	                                             If they do, it is given up: nothing of it was committed, its files are planned anew
//	killed behind the manifest                   the corpus is a version further than the plan's parent: removed
//	other settings, or code, and not stopped     refused, with --restart as the way out: the user decides what is right
//	the ticket names another corpus              given up: the corpus was copied, or removed and made anew
//	it is a job of another kind                  removed: nothing of it was committed, and whoever wants it asks again

// Run does an ingest in this process: an unfinished run of the corpus to its end, under its own id and date; then what was
// asked for: plan, all tasks, commit. It returns when the version is committed, when there is nothing new, or with the error
// that stopped it, and with the runs that it has brought to their end by then; a second call goes on. It leaves no goroutine
// and no open file behind.
func Run(ctx context.Context, o Options) (result Result, err error) {
	started := time.Now()
	here := o.Engine()
	if err := here.Settle(); err != nil {
		return result, err
	}
	o.Out, o.Work = here.Out, here.Work
	var early *intake.Draft
	if !o.Restart { // else there is something to throw away
		if early, err = o.lookAhead(ctx, true); err != nil {
			return result, err
		}
	}
	if early != nil && early.Plan.Nothing() && early.Plan.Parent == 0 {
		return (&run{planner: planner{Options: o}, started: started}).nothing(early), nil
	}
	err = engine.Hold(ctx, here, func(ctx context.Context, l *engine.Local) (err error) {
		r := &run{planner: planner{o, o.open(l.Out())}, local: l, started: started, early: early}
		result, err = r.do(ctx)
		result.GivenUp = r.gaveUp
		return err
	})
	return result, err
}

// DryRun plans a run and does nothing: no folder is made, nothing is locked.
func DryRun(ctx context.Context, o Options) (p intake.Preview, err error) {
	if o.Out, err = store.Absolute(o.Out); err != nil {
		return p, err
	}
	d, err := o.lookAhead(ctx, false)
	if err != nil {
		return p, err
	}
	return d.Preview(ctx, o.Options)
}

// lookAhead plans a run and makes nothing: what cannot even be planned leaves no trace. With first it returns nil for a place that
// a run has had already.
func (o *Options) lookAhead(ctx context.Context, first bool) (*intake.Draft, error) {
	opened, err := store.Open(ctx, o.Out, store.Options{Access: o.Access})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	p := planner{Options: *o}
	if err == nil {
		defer func() { _ = opened.Close() }() // nothing was written
		if first {
			if id, err := engine.Identified(ctx, opened); err != nil || id != "" {
				return nil, err
			}
		}
		p.corpus = o.open(opened)
	}
	d, err := p.draft(ctx)
	return &d, err
}

// run is one call of Run.
type run struct {
	planner
	local   *engine.Local
	started time.Time
	early   *intake.Draft // planned before the corpus was taken, nil if it was not
	gaveUp  *GivenUp
}

// do finishes what is unfinished, and then does what was asked for.
func (r *run) do(ctx context.Context) (result Result, err error) {
	if done, err := r.corpus.ByRun(ctx, r.ID); err != nil || done != nil {
		if done != nil {
			r.Log.Info().Str("run", r.ID).Msg("a version was made for this date already")
		}
		return r.nothing(&intake.Draft{}), err
	}
	left, waiting, err := r.left(ctx)
	if err != nil {
		return result, err
	}
	if left != nil {
		one, err := r.resume(ctx, left, waiting)
		if err != nil || r.ID != "" && r.same(left) {
			return one, err
		}
		result, err = r.next(ctx, left)
		if err == nil && result.Version == 0 && !result.Barren && r.same(left) {
			return one, nil // that was all
		}
		result.Finished = append(result.Finished, one)
		return result, err
	}
	return r.next(ctx, nil)
}

// left finds the unfinished run that has to be finished first, nil if there is none, and counts the files for which it comes
// too late.
func (r *run) left(ctx context.Context) (u *engine.Left, waiting int64, err error) {
	if u, err = r.local.Left(ctx); err != nil {
		return nil, 0, err
	}
	if u != nil && u.Plan.Kind != Name {
		r.Log.Info().Str("plan", u.Plan.Digest()).Str("kind", u.Plan.Kind).Msg("an unfinished job of another kind is given up: nothing of it was committed")
		u = nil
	}
	if u == nil {
		if err := r.local.Forget(ctx); err != nil {
			return nil, 0, err
		}
		return nil, 0, r.corpus.Recover(ctx, nil)
	}
	parent, fixed, err := r.parent(ctx)
	if err != nil {
		return nil, 0, err
	}
	if err := r.checkFixed(fixed); err != nil && !r.Restart {
		return nil, 0, err
	}
	defer r.Planning.End()
	found, err := intake.List(ctx, r.intake()) // what cannot be asked for is said at once
	if err != nil {
		return nil, 0, err
	}
	u, err = r.takeUp(ctx, u, parent, &found)
	if err != nil {
		return nil, 0, err
	}
	if u == nil {
		return nil, 0, r.corpus.Recover(ctx, nil)
	}
	plan, err := ingest.Open(u.Plan)
	if err != nil {
		return nil, 0, err
	}
	return u, found.Beside(plan, parent), r.corpus.Recover(ctx, u.Plan)
}

// resume brings an unfinished run to its end, under its own id and date.
func (r *run) resume(ctx context.Context, u *engine.Left, waiting int64) (Result, error) {
	plan, err := ingest.Open(u.Plan)
	if err != nil {
		return Result{}, err
	}
	e := r.Log.Info().Str("plan", u.Plan.Digest()).Int("files", len(plan.Files))
	if waiting > 0 {
		e = e.Int64("new_files", waiting)
	}
	e.Msg("resuming " + u.Name())
	result, err := r.execute(ctx, u)
	if _, stopped := errors.AsType[*StoppedError](err); stopped && !r.same(u) {
		return result, pipeline.WithHint(fmt.Errorf("%s comes first, and is stopped again: %w", u.Name(), err),
			"mend its input, raise the limit, or give --force for an alarm; --restart gives it up: nothing of it was committed, and its files are planned anew")
	}
	if err != nil {
		return result, err
	}
	result.Resumed = true
	if r.ID != "" && r.same(u) {
		result.Waiting = waiting
	}
	return result, nil
}

// next does what was asked for, behind the run that was finished first, if there was one: its files have had their turn, for as
// long as they are as they were.
func (r *run) next(ctx context.Context, before *engine.Left) (Result, error) {
	d, err := r.plan(ctx, before)
	if err == nil {
		err = remember(ctx, r.corpus, d.Plan.Parent, d.Learned)
	}
	if err != nil {
		return Result{}, err
	}
	if d.Plan.Nothing() {
		if before == nil || !r.same(before) { // else tonight was what came before
			err = r.corpus.CheckAlarms(ctx, r.alarms(r.Force), &manifest.Manifest{})
		}
		result := r.nothing(&d)
		if err == nil && !r.RetryRejected {
			err = r.addStanding(ctx, &result)
		}
		return result, err
	}
	was, err := r.barrenBefore(ctx, d.Sealed)
	if err != nil {
		return Result{}, err
	}
	if was != nil {
		was.ID, was.Date, was.Seconds, was.PeakRSSBytes = r.ID, r.Date, time.Since(r.started).Seconds(), peakRSS()
		return *was, r.corpus.CheckAlarms(ctx, r.alarms(r.Force), was.asVersion())
	}
	u := &engine.Left{Plan: d.Sealed, Ticket: engine.Ticket{ID: r.ID, Date: r.Date, Asked: r.asked(), Skipped: d.Skipped}}
	if err := r.local.Keep(ctx, u, d.Spill); err != nil {
		return Result{}, err
	}
	return r.execute(ctx, u)
}

// plan plans the run.
func (r *run) plan(ctx context.Context, before *engine.Left) (d intake.Draft, err error) {
	if before != nil {
		if r.Begun, err = ingest.Open(before.Plan); err != nil {
			return d, err
		}
	} else if r.early != nil {
		newest, err := r.corpus.Newest(ctx)
		if err != nil {
			return d, err
		}
		if newest == nil && r.early.Plan.Parent == 0 || newest != nil && newest.Version == r.early.Plan.Parent {
			return *r.early, nil
		}
	}
	return r.draft(ctx)
}

// execute does what is left of a plan and commits it. What came to nothing is remembered.
func (r *run) execute(ctx context.Context, u *engine.Left) (result Result, err error) {
	started := time.Now()
	outcome, err := r.local.Do(ctx, u, r.Force)
	if err != nil {
		return Result{}, err
	}
	result, ok := outcome.Result.(Result)
	if !ok {
		return Result{}, fmt.Errorf("a job of kind %s came to a %T", u.Plan.Kind, outcome.Result)
	}
	if outcome.Nothing {
		if err := r.rememberBarren(ctx, u.Plan, &result); err != nil {
			return result, err
		}
		if err := r.corpus.Recover(ctx, nil); err != nil {
			return result, err
		}
	}
	result.ID, result.Date, result.Seconds, result.PeakRSSBytes = u.ID, u.Date, time.Since(started).Seconds(), peakRSS()
	return result, nil
}

package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/intake"
	"millrace/pipeline/queue"
	"millrace/pipeline/store"
)

// Run does the main job in this process: an unfinished run of the corpus to its end, under its own id and date; then what was
// asked for: plan, all tasks, commit. It returns when the version is committed, when there is nothing new, or with the error
// that stopped it, and with the runs that it has brought to their end by then; a second call goes on. It leaves no goroutine
// and no open file behind.
func Run(ctx context.Context, o Options) (result Result, err error) {
	started := time.Now()
	if o.Observer == nil {
		o.Observer = Nobody{}
	}
	if o.Workers == nil {
		o.Workers = [][]string{o.Chain.Names()}
	}
	if o.Out, err = store.Absolute(o.Out); err != nil {
		return result, err
	}
	if err := o.settleWork(); err != nil {
		return result, err
	}
	early, err := o.lookAhead(ctx)
	if err != nil {
		return result, err
	}
	if early != nil && len(early.Plan.Files) == 0 && early.Plan.Parent == 0 {
		return (&run{Options: o, started: started}).nothing(early), nil
	}
	out, err := store.Open(ctx, o.Out, store.Options{Write: true, Sync: true, Access: o.Access})
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	space, err := o.takeCorpus(ctx, out)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, space.close()) }()
	ctx, lost := context.WithCancelCause(ctx)
	defer lost(nil)
	var hold io.Closer
	err = o.inTurn(ctx, func() (err error) {
		hold, err = store.Hold(ctx, out, o.Work, lost)
		return err
	})
	if err != nil {
		return result, waitHint(err)
	}
	defer func() {
		if err != nil {
			err = pipeline.Cause(ctx, err) // that the corpus was taken over says more than what it broke off
		}
		err = errors.Join(err, hold.Close())
	}()
	r := &run{Options: o, started: started, early: early, out: out, corpus: corpus.Open(out), space: space}
	result, err = r.do(ctx)
	result.GivenUp = r.gaveUp
	return result, err
}

// lookAhead plans a run into a place that no run has had yet, and makes nothing there: what cannot even be planned leaves no
// trace. Where there was one it returns nil.
func (o *Options) lookAhead(ctx context.Context) (*intake.Draft, error) {
	if o.Restart { // there is something to throw away
		return nil, nil
	}
	opened, err := store.Open(ctx, o.Out, store.Options{Access: o.Access})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	r := &run{Options: *o}
	if err == nil {
		defer func() { _ = opened.Close() }() // nothing was written
		if was, err := readIdentity(ctx, opened); err != nil || was.ID != "" {
			return nil, err
		}
		r.corpus = corpus.Open(opened)
	}
	d, err := r.draft(ctx)
	return &d, err
}

// draft plans the run on what the corpus is, if there is one.
func (r *run) draft(ctx context.Context) (d intake.Draft, err error) {
	var parent intake.Parent
	if r.corpus != nil {
		var fixed json.RawMessage
		if parent, fixed, err = r.parent(ctx); err != nil {
			return d, err
		}
		if err := r.checkFixed(fixed); err != nil {
			return d, err
		}
	}
	return intake.Plan(ctx, r.intake(), parent)
}

// waitAgain is how often a run that waits for its turn looks whether it has come.
const waitAgain = time.Second

// waitHint adds the way out for those who do not wait to an error that says that somebody else has the corpus.
func waitHint(err error) error {
	if !errors.Is(err, store.ErrLocked) {
		return err
	}
	return pipeline.WithHint(err, "wait for the other run on this corpus, or stop it")
}

// takeCorpus takes the corpus for this process.
func (o *Options) takeCorpus(ctx context.Context, out pipeline.Store) (space *workspace, err error) {
	err = o.inTurn(ctx, func() error {
		space, err = openWorkspace(ctx, o, out)
		return err
	})
	return space, err
}

// inTurn takes what only one process has at a time; with Wait it does so again and again until it is free.
func (o *Options) inTurn(ctx context.Context, take func() error) error {
	for said := false; ; said = true {
		err := take()
		if !o.Wait || !errors.Is(err, store.ErrLocked) {
			return err
		}
		if !said {
			o.Log.Info().Err(err).Msg("waiting for the other run to end")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(waitAgain):
		}
	}
}

// run is one call of Run.
type run struct {
	Options
	started time.Time
	early   *intake.Draft // planned before the corpus was taken, nil if it was not
	out     pipeline.Store
	corpus  *corpus.Corpus
	space   *workspace
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
		if err != nil || r.ID != "" && left.same(&r.Options) {
			return one, err
		}
		result, err = r.next(ctx, left)
		if err == nil && result.Version == 0 && !result.Barren && left.same(&r.Options) {
			return one, nil // that was all
		}
		result.Finished = append(result.Finished, one)
		return result, err
	}
	return r.next(ctx, nil)
}

// left finds the unfinished run that has to be finished first, nil if there is none, and counts the files for which it comes
// too late.
func (r *run) left(ctx context.Context) (u *leftRun, waiting int64, err error) {
	u, err = r.space.left(ctx)
	if err != nil {
		return nil, 0, err
	}
	if u != nil {
		parent, fixed, err := r.parent(ctx)
		if err != nil {
			return nil, 0, err
		}
		if err := r.checkFixed(fixed); err != nil && !r.Restart {
			return nil, 0, err
		}
		found, err := intake.List(ctx, r.intake()) // what cannot be asked for is said at once
		if err != nil {
			return nil, 0, err
		}
		if u, err = r.takeUp(ctx, u, parent, &found); err != nil {
			return nil, 0, err
		}
		if u != nil {
			waiting = found.Beside(u.plan, parent)
		}
	}
	var plan *pipeline.Plan
	if u != nil {
		plan = u.plan
	}
	return u, waiting, r.corpus.Recover(ctx, plan)
}

// resume brings an unfinished run to its end, under its own id and date.
func (r *run) resume(ctx context.Context, u *leftRun, waiting int64) (Result, error) {
	e := r.Log.Info().Str("plan", u.plan.Digest()).Int("files", len(u.plan.Files))
	if waiting > 0 {
		e = e.Int64("new_files", waiting)
	}
	e.Msg("resuming " + u.name())
	result, err := r.execute(ctx, u)
	_, stopped := errors.AsType[*StoppedError](err)
	switch {
	case err == nil:
	case stopped && !u.same(&r.Options):
		return result, pipeline.WithHint(fmt.Errorf("%s comes first, and is stopped again: %w", u.name(), err),
			"mend its input, raise the limit, or give --force for an alarm; --restart gives it up: nothing of it was committed, and its files are planned anew")
	default:
		return result, err
	}
	result.Resumed = true
	if r.ID != "" && u.same(&r.Options) {
		result.Waiting = waiting
	}
	return result, nil
}

// next does what was asked for, behind the run that was finished first, if there was one: its files have had their turn, for as
// long as they are as they were.
func (r *run) next(ctx context.Context, before *leftRun) (Result, error) {
	d, err := r.plan(ctx, before)
	if err != nil {
		return Result{}, err
	}
	if len(d.Plan.Files) == 0 {
		if before == nil || !before.same(&r.Options) { // else tonight was what came before
			err = r.corpus.CheckAlarms(ctx, r.alarms(r.Force), &corpus.Totals{})
		}
		result := r.nothing(&d)
		if err == nil && !r.RetryRejected {
			err = r.addStanding(ctx, &result)
		}
		return result, err
	}
	was, err := r.space.barrenBefore(ctx, d.Plan)
	if err != nil {
		return Result{}, err
	}
	if was != nil {
		was.ID, was.Date, was.Seconds, was.PeakRSSBytes = r.ID, r.Date, time.Since(r.started).Seconds(), peakRSS()
		return *was, r.corpus.CheckAlarms(ctx, r.alarms(r.Force), was.totals())
	}
	if err := checkRoom(r.space.folder, d.Spill); err != nil {
		return Result{}, err
	}
	r.point("plan:made")
	u := &leftRun{d.Plan, ticket{Corpus: r.space.identity.ID, ID: r.ID, Date: r.Date, Asked: r.asked(), Skipped: d.Skipped}}
	if err := r.space.keep(ctx, u); err != nil {
		return Result{}, err
	}
	r.point("plan:stored")
	return r.execute(ctx, u)
}

// plan plans the run.
func (r *run) plan(ctx context.Context, before *leftRun) (d intake.Draft, err error) {
	if before != nil {
		r.Begun = before.plan
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

// checkRoom says if a disk has too little room for the spills of a run.
func checkRoom(folder string, need int64) error {
	free, err := store.FreeBytes(folder)
	if err == nil && free < need {
		err = pipeline.WithHint(fmt.Errorf("the run may need %s in %s, %s are free", pipeline.ByteSize(need), folder, pipeline.ByteSize(free)),
			"free some space, or name a folder on a larger disk by --work")
	}
	return err
}

// execute does what is left of a plan and commits it. If limits or an alarm stop it, the ticket tells.
func (r *run) execute(ctx context.Context, u *leftRun) (result Result, err error) {
	started := time.Now()
	result, err = r.version(ctx, u)
	if err != nil {
		if stopped, ok := errors.AsType[*StoppedError](err); ok {
			u.Stopped = stopped.Err.Error() // the files can be looked up
			err = errors.Join(err, r.space.note(ctx, u))
		}
		return Result{}, err
	}
	result.ID, result.Date, result.Seconds, result.PeakRSSBytes = u.ID, u.Date, time.Since(started).Seconds(), peakRSS()
	return result, r.space.forget(ctx)
}

// version does what is left of a plan and commits it, if a document came through.
func (r *run) version(ctx context.Context, u *leftRun) (result Result, err error) {
	started := time.Now()
	digest := u.plan.Digest()
	sources, err := store.OpenSources(u.plan.Sources, r.Access)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, sources.Close()) }()
	job := &pipeline.Job{
		Plan:    u.plan,
		Chain:   r.Chain,
		Work:    watchedStore{r.space.store.Sub(runFolder(digest)), r.Hook},
		Out:     watchedStore{r.corpus.Out(u.plan), r.Hook},
		Corpus:  r.out,
		Sources: watchedSources{sources},
	}
	for again := false; ; again = true {
		if err := r.tasks(ctx, job, digest); err != nil {
			return result, stoppedAt(ctx, r.Formats, job, err)
		}
		result, err := r.commit(ctx, u, job, started)
		// What it read may be damaged: taken up again, a run looks at all of it, and makes anew what is.
		if err == nil || again || !mayBeDamage(ctx, err) {
			return result, stoppedAt(ctx, r.Formats, job, err)
		}
	}
}

// commit makes the version of a run whose tasks are done, or says why there is none to make.
func (r *run) commit(ctx context.Context, u *leftRun, job *pipeline.Job, started time.Time) (result Result, err error) {
	nothing, err := barrenResult(ctx, r.Formats, job, u.Skipped)
	if err != nil {
		return result, err
	}
	if nothing != nil {
		if err := r.corpus.CheckAlarms(ctx, r.alarms(r.Force), nothing.totals()); err != nil {
			return result, err
		}
		if err := r.space.rememberBarren(ctx, u.plan, nothing); err != nil {
			return result, err
		}
		return *nothing, r.corpus.Recover(ctx, nil)
	}
	info := RunInfo(started, r.Tool)
	info.ID, info.Date = u.ID, u.Date
	m, err := r.corpus.Commit(ctx, corpus.CommitInput{
		Job: job, Skipped: u.Skipped, Alarms: r.alarms(r.Force), Crash: r.point, Run: info,
	})
	if err != nil {
		return result, err
	}
	return ResultOf(m), nil
}

// tasks runs coordinator and workers over the embedded queue until every phase is complete.
func (r *run) tasks(ctx context.Context, job *pipeline.Job, digest string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	server, err := r.serve(ctx, cancel)
	if err != nil {
		return err
	}
	defer server.Close()
	q, err := queue.Create(ctx, server.Conn(), digest, queue.Options{Exclusive: true, Stages: r.Chain.Names(), AckWait: r.AckWait})
	if err != nil {
		return err
	}
	defer q.Close()
	r.Observer.InputBytes(job.Plan.InputBytes())

	g, working := errgroup.WithContext(ctx)
	working, stop := context.WithCancel(working)
	defer stop()
	for _, stages := range r.Workers {
		w := r.worker(q, job, digest, stages)
		g.Go(func() error { return w.run(working, working) })
	}
	g.Go(func() error {
		defer stop() // the ledger is full: the workers may go
		c := newCoordinator(q, r.Chain, job, r.Observer, r.Log, r.point)
		c.whole = true
		return c.run(working)
	})
	if err := g.Wait(); err != nil {
		return pipeline.Cause(ctx, err)
	}
	return ctx.Err()
}

// serve starts the embedded queue. A damaged one is thrown away: what it knew is done again.
func (r *run) serve(ctx context.Context, fatal context.CancelCauseFunc) (*queue.Embedded, error) {
	o := queue.EmbeddedOptions{Logger: r.Log, OnFatal: func(err error) { fatal(err) }}
	folder := filepath.Join(r.space.folder, natsFolder)
	server, err := queue.StartEmbedded(ctx, folder, o)
	if !errors.Is(err, queue.ErrDamaged) {
		return server, err
	}
	r.Log.Warn().Err(err).Msg("the queue's files are damaged: unfinished work is done again")
	if err := r.space.store.Remove(ctx, natsFolder); err != nil {
		return nil, err
	}
	return queue.StartEmbedded(ctx, folder, o)
}

func (r *run) worker(q pipeline.Queue, job *pipeline.Job, digest string, stages []string) *worker {
	p := newPool(r.Slots)
	hands := handsOf(r.Chain, stages, p, r.Observer)
	return &worker{
		queue: q, chain: r.Chain, job: job, digest: digest, stages: slices.Collect(maps.Keys(hands)), hands: hands, pool: p, slots: r.Slots,
		observer: r.Observer, log: r.Log, hook: r.point, ackWait: cmp.Or(r.AckWait, queue.AckWait), failures: map[string]int{},
		isolate: r.Isolate, mender: newMender(q, r.Chain, job, r.Log),
	}
}

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/queue"
	"millrace/pipeline/store"
)

// Run does the main job in this process: plan, or resume the plan of a run that did not end; all tasks; commit. It
// returns when the version is committed, when there is nothing new, or with the error that stopped it; then a second
// call resumes. It leaves no goroutine and no open file behind.
func Run(ctx context.Context, o Options) (result Result, err error) {
	started := time.Now()
	if o.Observer == nil {
		o.Observer = Nobody{}
	}
	if o.ShardBytes == 0 {
		o.ShardBytes = ShardBytes
	}
	if o.Workers == nil {
		o.Workers = [][]string{pipeline.Stages}
	}
	if o.Out, err = store.Absolute(o.Out); err != nil {
		return result, err
	}
	if o.Work, err = workFolder(o.Out, o.Work, o.Log); err != nil {
		return result, err
	}
	out, err := store.Open(ctx, o.Out, store.Options{Write: true, Sync: true, Access: o.Wiring.Access})
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	space, err := o.takeCorpus(ctx)
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

	r := &run{Options: o, started: started, out: out, corpus: corpus.Open(out), space: space}
	d, err := r.prepare(ctx)
	if err != nil || d.plan == nil {
		return r.nothing(d), err
	}
	m, err := r.execute(ctx, d)
	if err != nil {
		return result, err
	}
	return resultOf(m, d, time.Since(started)), nil
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
func (o *Options) takeCorpus(ctx context.Context) (space *workspace, err error) {
	err = o.inTurn(ctx, func() error {
		space, err = openWorkspace(ctx, o.Out, o.Work, o.Log)
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
	out     pipeline.Store
	corpus  *corpus.Corpus
	space   *workspace
}

// prepare finds the plan to work on: the stored one of an unfinished run, or a new one. Without a plan there is nothing
// to do.
func (r *run) prepare(ctx context.Context) (draft, error) {
	if done, err := r.corpus.ByRun(ctx, r.ID); err != nil || done != nil {
		if done != nil {
			r.Log.Info().Str("run", r.ID).Msg("a version was made for this date already")
		}
		return draft{}, err
	}
	plan, err := r.space.stored(ctx)
	if err != nil {
		return draft{}, err
	}
	parent, fixed, err := r.parent(ctx)
	if err != nil {
		return draft{}, err
	}
	if plan != nil && (r.Restart || plan.Parent != parent.Version) {
		// Asked to, or the version it would make is there already: committed, or made by somebody else.
		r.Log.Info().Str("plan", plan.Digest()).Msg("the stored plan is dropped")
		if err := r.space.forget(ctx); err != nil {
			return draft{}, err
		}
		plan = nil
	}
	if err := r.corpus.Recover(ctx, plan); err != nil {
		return draft{}, err
	}
	if err := r.checkFixed(fixed); err != nil {
		return draft{}, err
	}
	d, err := makePlan(ctx, r.Options, parent, r.Out)
	if err != nil {
		return draft{}, err
	}
	if plan != nil {
		return r.resume(plan, d)
	}
	if len(d.plan.Files) == 0 {
		return draft{skipped: d.skipped}, nil
	}
	if err := checkRoom(r.Work, d.spill); err != nil {
		return draft{}, err
	}
	r.point("plan:made")
	if err := r.space.keep(ctx, d.plan); err != nil {
		return draft{}, err
	}
	r.point("plan:stored")
	return d, nil
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

// resume takes the stored plan up again, if it would give what today's settings ask for.
func (r *run) resume(stored *pipeline.Plan, today draft) (draft, error) {
	const hint = "give the same settings to finish it, or --restart to plan anew"
	if stored.Code != pipeline.CodeVersion {
		return draft{}, pipeline.WithHint(fmt.Errorf("%w: the unfinished run was planned by code version %s, this is %s",
			pipeline.ErrUsage, stored.Code, pipeline.CodeVersion), hint)
	}
	changed, err := Changed(stored.Settings, r.Settings)
	if err != nil {
		return draft{}, err
	}
	if len(changed) > 0 {
		return draft{}, pipeline.WithHint(fmt.Errorf("%w: an unfinished run has other settings:\n  %s", pipeline.ErrUsage,
			strings.Join(changed, "\n  ")), hint)
	}
	// The roots may be mounted elsewhere today.
	for i := range stored.Sources {
		for _, s := range today.plan.Sources {
			if s.Name == stored.Sources[i].Name {
				stored.Sources[i].Root = s.Root
			}
		}
	}
	planned := map[[2]string]bool{}
	for i := range stored.Files {
		planned[[2]string{stored.SourceName(int32(i)), stored.Files[i].Path}] = true
	}
	d := draft{plan: stored, skipped: today.skipped, resumed: true}
	for i := range today.plan.Files {
		if !planned[[2]string{today.plan.SourceName(int32(i)), today.plan.Files[i].Path}] {
			d.waiting++
		}
	}
	e := r.Log.Info().Str("plan", stored.Digest()).Int("files", len(stored.Files))
	if d.waiting > 0 {
		e = e.Int64("new_files_waiting_for_the_next_run", d.waiting)
	}
	e.Msg("resuming an unfinished run")
	return d, nil
}

// execute does what is left of the plan and commits it.
func (r *run) execute(ctx context.Context, d draft) (m *corpus.Manifest, err error) {
	digest := d.plan.Digest()
	sources, err := store.OpenSources(d.plan.Sources, r.Wiring.Access)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, sources.Close()) }()
	files := &pipeline.Files{
		Plan:    d.plan,
		Work:    watchedStore{r.space.store.Sub(runFolder(digest)), r.Hook},
		Out:     watchedStore{r.corpus.Out(d.plan), r.Hook},
		Corpus:  r.out,
		Sources: watchedSources{sources},
	}
	if err := r.tasks(ctx, files, digest); err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "" // it is only for people to read
	}
	m, err = r.corpus.Commit(ctx, corpus.CommitInput{
		Files: files, Skipped: d.skipped, Alarms: r.alarms(r.Force), Crash: r.point,
		Run: corpus.RunInfo{ID: r.ID, Date: r.Date, Started: r.started.UTC().Format(time.RFC3339), Seconds: time.Since(r.started).Seconds(), Host: host, Tool: r.Tool},
	})
	if err != nil {
		return nil, err
	}
	return m, r.space.forget(ctx)
}

// tasks runs coordinator and workers over the embedded queue until every phase is complete.
func (r *run) tasks(ctx context.Context, files *pipeline.Files, digest string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	server, err := r.serve(ctx, cancel)
	if err != nil {
		return err
	}
	defer server.Close()
	q, err := queue.Create(ctx, server.Conn(), digest, queue.Options{Exclusive: true, Stages: pipeline.Stages, AckWait: r.AckWait})
	if err != nil {
		return err
	}
	defer q.Close()
	r.Observer.InputBytes(files.Plan.InputBytes())

	g, working := errgroup.WithContext(ctx)
	working, stop := context.WithCancel(working)
	defer stop()
	for _, stages := range r.Workers {
		w := r.worker(q, files, digest, stages)
		g.Go(func() error { return w.run(working, working) })
	}
	g.Go(func() error {
		defer stop() // the ledger is full: the workers may go
		c := newCoordinator(q, files, r.Observer, r.Log, r.point)
		c.limits = r.Limits
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
	folder := filepath.Join(r.Work, natsFolder)
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

func (r *run) worker(q pipeline.Queue, files *pipeline.Files, digest string, stages []string) *worker {
	s := newSlots(r.Slots)
	m := newMapper(r.Wiring, stages, s, r.Observer)
	runners := map[string]pipeline.Runner{}
	for _, stage := range stages {
		if m.carried(stage) != nil {
			runners[stage] = m
		} else {
			runners[stage] = sequence(r.Wiring.Runners[stage])
		}
	}
	return &worker{
		queue: q, files: files, digest: digest, stages: stages, mapper: m, runners: runners, slots: r.Slots,
		observer: r.Observer, log: r.Log, hook: r.point, ackWait: cmp.Or(r.AckWait, queue.AckWait), failures: map[string]int{},
		isolate: r.Isolate,
	}
}

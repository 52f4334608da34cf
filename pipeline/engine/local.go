package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
	"github.com/millrace/millrace/pipeline/store"
)

// Local is a Site that this process has for itself: it coordinates, works and commits by an embedded queue, and keeps its work on this
// machine.
type Local struct {
	*Site
	space *workspace
}

// Hold takes the corpus in o.Out for this process, calls f and gives it back. f's context ends if another process takes it over. It
// leaves no goroutine and no open file behind.
func Hold(ctx context.Context, o Options, f func(context.Context, *Local) error) (err error) {
	if err := o.Settle(); err != nil {
		return err
	}
	out, err := store.Open(ctx, o.Out, store.Options{Write: true, Sync: true, Access: o.Access})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	var space *workspace
	err = o.inTurn(ctx, func() (err error) {
		space, err = openWorkspace(ctx, &o, out)
		return err
	})
	if err != nil {
		return err
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
		return waitHint(err)
	}
	defer func() {
		if err != nil {
			err = pipeline.Cause(ctx, err) // that the corpus was taken over says more than what it broke off
		}
		err = errors.Join(err, hold.Close())
	}()
	site := NewSite(o, out, space.store)
	site.local = true
	return f(ctx, &Local{site, space})
}

// Settle makes the places of the options absolute. Options that are settled stay as they are.
func (o *Options) Settle() (err error) {
	if o.settled {
		return nil
	}
	if o.Out, err = store.Absolute(o.Out); err != nil {
		return err
	}
	err = o.settleWork()
	o.settled = err == nil
	return err
}

// waitAgain is how often a process that waits for its turn looks whether it has come.
const waitAgain = time.Second

// waitHint adds the way out for those who do not wait to an error that says that somebody else has the corpus.
func waitHint(err error) error {
	if !errors.Is(err, store.ErrLocked) {
		return err
	}
	return pipeline.WithHint(err, "wait for the other run on this corpus, or stop it")
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
		if err := pipeline.Sleep(ctx, waitAgain); err != nil {
			return err
		}
	}
}

// Identity tells the corpus from every other one.
func (l *Local) Identity() string { return l.space.identity.ID }

// Work is where disposable files lie.
func (l *Local) Work() pipeline.Store { return l.work }

// Left returns the unfinished job, nil if there is none that can be finished. It changes nothing.
func (l *Local) Left(ctx context.Context) (*Left, error) {
	u, damaged, err := findLeft(ctx, l.work)
	if damaged != "" {
		l.options.Log.Warn().Str("plan", damaged).Msg("the stored plan is damaged: planning anew")
	}
	return u, err
}

// Keep stores a plan and what it is for, if there is room for it: from now on the job can be resumed. It is Stored then.
func (l *Local) Keep(ctx context.Context, u *Left, room int64) error {
	if err := checkRoom(l.space.folder, room); err != nil {
		return err
	}
	l.options.Point("plan:made")
	u.Corpus = l.Identity()
	if err := l.keep(ctx, u); err != nil {
		return err
	}
	u.Plan.Stored()
	l.options.Point("plan:stored")
	return nil
}

// Forget removes every job and the queue with it.
func (l *Local) Forget(ctx context.Context) error { return l.space.forget(ctx) }

// WorkBytes is what lies in the work folder of jobs: spills and the queue.
func (l *Local) WorkBytes(ctx context.Context) (bytes int64, err error) {
	for _, folder := range []string{runsFolder, natsFolder} {
		infos, err := l.work.List(ctx, folder)
		if err != nil {
			return 0, err
		}
		for _, info := range infos {
			bytes += info.Bytes
		}
	}
	return bytes, nil
}

// Do does what is left of a job and commits it. If it is Stopped, the ticket tells; if it has ended, its work is gone. Workers of the
// options that leave a stage to nobody are a pipeline.ErrUsage before anything is done.
func (l *Local) Do(ctx context.Context, u *Left, force bool) (o Outcome, err error) {
	if err := l.manned(u.Plan); err != nil {
		return o, err
	}
	l.resuming = u.Name()
	c := Commit{Skipped: u.Skipped, Force: force, Info: NewInfo(time.Now(), l.options.Tool)}
	c.Info.ID, c.Info.Date = u.ID, u.Date
	for mended := 0; ; mended++ {
		o, err = l.once(ctx, u.Plan, c)
		// What the commit read is damaged: taken up again, the coordinator looks at all there is, and has made anew what is.
		if !errors.Is(err, ErrMended) || mended == maxMended {
			break
		}
	}
	if stopped, ok := errors.AsType[Stopped](err); ok {
		return o, errors.Join(err, l.Stopped(ctx, u.Plan.Digest(), stopped)) // the files can be looked up
	}
	if err != nil {
		return o, err
	}
	return o, l.Forget(ctx)
}

// once coordinates, works and commits over the embedded queue.
func (l *Local) once(ctx context.Context, plan *pipeline.Plan, c Commit) (o Outcome, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	l.options.begin("queue")
	defer l.options.begin("close")
	if o, ok := l.options.Observer.(ProgressObserver); ok {
		o.Restart(plan.Digest())
	}
	server, err := l.serve(ctx, cancel)
	if err != nil {
		return o, err
	}
	defer server.Close()
	chain, err := l.Chain(plan)
	if err != nil {
		return o, err
	}
	q, err := queue.Create(ctx, server.Conn(), plan.Digest(), queue.Options{Exclusive: true, Stages: chain.Names(), AckWait: l.options.AckWait})
	if err != nil {
		return o, err
	}
	defer q.Close()
	if err := l.tasks(ctx, q, plan, chain); err != nil {
		return o, err
	}
	o, err = l.Commit(ctx, q, plan, c)
	return o, pipeline.Cause(ctx, err)
}

// manned says which stages of a job no worker of this process does. Nobody else can join, so the job would wait for ever.
func (l *Local) manned(plan *pipeline.Plan) error {
	if l.options.Workers == nil {
		return nil // one with all stages
	}
	chain, err := l.Chain(plan)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(chain.Names(), func(stage string) bool {
		return slices.ContainsFunc(l.options.Workers, func(stages []string) bool { return slices.Contains(stages, stage) })
	})
	if len(missing) == 0 {
		return nil
	}
	return pipeline.WithHint(fmt.Errorf("%w: no worker does %s", pipeline.ErrUsage, strings.Join(missing, ", ")),
		"the workers of a run in one process have to do all of its stages between them: "+strings.Join(chain.Names(), ", "))
}

// lastWords is how long a worker has for what it is at when all tasks are done. Only one that was given out twice takes longer.
const lastWords = 5 * time.Second

// tasks runs coordinator and workers until every phase is complete.
func (l *Local) tasks(ctx context.Context, q pipeline.Queue, plan *pipeline.Plan, chain pipeline.Chain) error {
	g, working := errgroup.WithContext(ctx)
	working, stop := context.WithCancel(working)
	defer stop()
	taking, rest := context.WithCancel(working)
	defer rest()
	workers := l.options.Workers
	if workers == nil {
		workers = [][]string{chain.Names()}
	}
	for _, stages := range workers {
		g.Go(func() error { return l.Site.Work(working, taking, q, plan, stages) })
	}
	g.Go(func() error {
		err := l.Coordinate(working, q, plan)
		// The ledger is full: the workers may go. They learn later than the coordinator that an entry stands, and hear out what it is.
		rest()
		time.AfterFunc(lastWords, stop)
		return err
	})
	if err := g.Wait(); err != nil {
		return pipeline.Cause(ctx, err)
	}
	return ctx.Err()
}

// serve starts the embedded queue. A damaged one is thrown away: what it knew is done again.
func (l *Local) serve(ctx context.Context, fatal context.CancelCauseFunc) (*queue.Embedded, error) {
	o := queue.EmbeddedOptions{Logger: l.options.Log, OnFatal: func(err error) { fatal(err) }}
	folder := filepath.Join(l.space.folder, natsFolder)
	server, err := queue.StartEmbedded(ctx, folder, o)
	if !errors.Is(err, queue.ErrDamaged) {
		return server, err
	}
	l.options.Log.Warn().Err(err).Msg("the queue's files are damaged: unfinished work is done again")
	if err := l.work.Remove(ctx, natsFolder); err != nil {
		return nil, err
	}
	return queue.StartEmbedded(ctx, folder, o)
}

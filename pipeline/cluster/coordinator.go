package cluster

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/queue"
)

const (
	// leaseTTL is how long a coordinator may be silent before another one takes over. Several servers of NATS that lose their
	// leader are silent for some seconds themselves.
	leaseTTL           = 6 * time.Second
	leaseTTLReplicated = 15 * time.Second

	progressEvery = time.Second
	// lookForStreams is how often a leader looks whether its streams are there.
	lookForStreams = 3 * time.Second
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
	// Planning is what Site counts in while it plans; nil: nobody is told.
	Planning *pipeline.Planning
	// Schedule is when runs begin by themselves; nil is never.
	Schedule *Schedule
	// LeaseTTL is six seconds, or fifteen with a replicated queue, unless set otherwise.
	LeaseTTL time.Duration

	id string
	// trouble is since when the store has failed the run under way and nothing else has happened; zero if it has not.
	trouble time.Time

	leading atomic.Bool
}

// Leading says whether this process coordinates at the moment.
func (c *Coordinator) Leading() bool { return c.leading.Load() }

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
		c.Log.Info().Str("coordinator", c.id).Msg("waiting to lead")
		lease, err := c.Control.Lead(ctx, c.id, c.LeaseTTL)
		if err != nil {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // being told to stop is how a coordinator ends
			}
			if !errors.Is(err, queue.ErrNoControl) {
				return err
			}
			c.Log.Warn().Err(err).Msg("the control plane is gone: what was asked for is forgotten")
			if err := c.restore(ctx); err != nil {
				return err
			}
			continue
		}
		c.Log.Info().Str("coordinator", c.id).Msg("leading")
		c.leading.Store(true)
		err = c.lead(lease.Context(), lease) //nolint:contextcheck // the lease's context ends with ctx
		c.leading.Store(false)
		lease.Resign() //nolint:contextcheck // the lease has the context
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the same
		}
		err = pipeline.Cause(lease.Context(), err) //nolint:contextcheck // the same
		c.Log.Warn().Err(err).Msg("leading no more")
		if errors.Is(err, queue.ErrNoControl) { // who leads next would end as soon
			if err := c.restore(ctx); err != nil {
				return err
			}
		}
		_ = pipeline.Sleep(ctx, afterFailure) // the loop looks at ctx
	}
	return nil
}

// restore makes the control plane anew, unless ctx ends.
func (c *Coordinator) restore(ctx context.Context) error {
	if err := c.Control.Restore(ctx); err != nil {
		if ctx.Err() != nil {
			return nil //nolint:nilerr // being told to stop is how a coordinator ends
		}
		return err
	}
	c.Log.Info().Msg("the control plane is set up anew")
	return nil
}

// keepStreams makes anew what of the control plane somebody has deleted, for as long as this process leads. Without its bucket it
// leads no more.
func (c *Coordinator) keepStreams(ctx context.Context) error {
	for {
		if _, _, err := readRecord(ctx, c.Control); err != nil {
			return err
		}
		missing, err := c.Control.Missing(ctx)
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			c.Log.Warn().Strs("streams", missing).Msg("somebody has deleted streams of the control plane: they are made anew, and what they held is forgotten")
			if err := c.Control.Restore(ctx); err != nil {
				return err
			}
		}
		if err := pipeline.Sleep(ctx, lookForStreams); err != nil {
			return err
		}
	}
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
	listen := func(ctx context.Context) error {
		return c.Control.Watch(ctx, keyRequest, func(queue.ControlEntry) error {
			l.poke()
			return nil
		})
	}
	for _, watch := range []func(context.Context) error{listen, c.keepSchedule, c.keepStreams} {
		watching.Go(func() {
			if err := watch(ctx); err != nil && ctx.Err() == nil {
				cancel(err)
			}
		})
	}
	var err error
	if l.record, l.revision, err = readRecord(ctx, c.Control); err != nil {
		return err
	}
	for {
		if err := l.step(ctx); err != nil {
			return pipeline.Cause(ctx, err)
		}
	}
}

// Package views is what processes show over HTTP: whether they are ready, how far the run is, metrics for Prometheus, and the page.
// Nothing here changes anything, but what a page is given to do.
package views

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/monitor"
)

// Views is what a process of a cluster shows over HTTP. Its methods may be called at the same time.
type Views struct {
	stages []string // of all chains
	mu     sync.Mutex
	client *cluster.Client // guarded by mu; nil until the process has joined
	corpus *corpus.Corpus  // guarded by mu; nil for a worker
	last   Commit          // guarded by mu; of a coordinator: what the corpus held behind the run seen
	seen   cluster.Record  // guarded by mu
	looked time.Time       // guarded by mu: when last was looked up for a page
}

// New is the views of a process that has no connection yet. Stages are the names of those of all chains, in their order.
func New(stages []string) *Views { return &Views{stages: stages} }

var errNotJoined = errors.New("there is no connection to nats yet")

// Joined says that the process has its connection. The corpus is nil for a worker; last is its newest version.
func (v *Views) Joined(client *cluster.Client, c *corpus.Corpus, last Commit) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.client, v.corpus, v.last = client, c, last
}

func (v *Views) get() (*cluster.Client, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.client == nil {
		return nil, errNotJoined
	}
	return v.client, nil
}

// ready says what keeps the process from its control plane.
func (v *Views) ready(ctx context.Context) error {
	client, err := v.get()
	if err != nil {
		return err
	}
	return client.Ready(ctx)
}

func (v *Views) look(ctx context.Context, again time.Duration) (s cluster.Status, last Commit, err error) {
	client, err := v.get()
	if err != nil {
		return s, last, err
	}
	if s, err = client.Look(ctx); err != nil {
		return s, last, err
	}
	return s, v.newest(ctx, &s.Run, again), nil
}

// newest is the newest version. It is looked up when another run has ended since the last time: nobody may have looked
// between the run that made it and a later one that made none. A store that does not answer is asked again the next time.
// With again it is also looked up that long after the last time: versions are made by commands too.
func (v *Views) newest(ctx context.Context, run *cluster.Record, again time.Duration) Commit {
	v.mu.Lock()
	defer v.mu.Unlock()
	due := again > 0 && time.Since(v.looked) >= again
	if v.corpus == nil || run.State.UnderWay() || run.ID == v.seen.ID && run.Ended.Equal(v.seen.Ended) && !due {
		return v.last
	}
	v.looked = time.Now()
	if m, err := v.corpus.Newest(ctx); err == nil {
		v.last, v.seen = CommitOf(m), *run
	}
	return v.last
}

// Coordinator are those of millrace serve, with its page.
func (v *Views) Coordinator(leading func() bool, page http.Handler) monitor.Views {
	return monitor.Views{
		Ready: v.ready, Page: page,
		Metrics: func(ctx context.Context) ([]monitor.Metric, error) {
			s, last, err := v.look(ctx, 0)
			if err != nil {
				return nil, err
			}
			own := gauge("millrace_leader", "1 if this process coordinates.", flag(leading()))
			return append([]monitor.Metric{own}, clusterMetrics(&s, last, v.stages)...), nil
		},
		Status: func(ctx context.Context) (any, error) {
			s, _, err := v.look(ctx, 0)
			return s, err
		},
	}
}

// Worker are those of millrace worker.
func (v *Views) Worker(tracker *monitor.Tracker) monitor.Views {
	return monitor.Views{
		Ready: v.ready,
		Metrics: func(context.Context) ([]monitor.Metric, error) {
			s := tracker.Snapshot()
			return trackerMetrics(&s), nil
		},
	}
}

// Listen shows views at an address until stop, which waits. No address: nothing listens, and at is nil.
func Listen(ctx context.Context, address string, v monitor.Views, log zerolog.Logger) (at net.Addr, stop func(), err error) {
	if address == "" {
		return nil, func() {}, nil
	}
	l, err := monitor.Listen(ctx, address)
	if err != nil {
		return nil, nil, err
	}
	what := "health and metrics"
	if v.Page != nil {
		what = "page, health and metrics"
	}
	log.Info().Stringer("address", l.Addr()).Msg(what)
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // until the process has stopped its work
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := monitor.Serve(ctx, l, v); err != nil {
			log.Error().Err(err).Msg(what + " are gone")
		}
	})
	return l.Addr(), func() {
		cancel()
		serving.Wait()
	}, nil
}

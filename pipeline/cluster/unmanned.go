package cluster

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// unmannedFor is how long a stage may be without a worker before the coordinator says so: workers come up one after the other.
const unmannedFor = 10 * time.Second

// watchWorkers says in the log which stages of the run under way no worker does, until ctx ends. Without that word a run that waits for
// one looks like a run that works.
func (l *leader) watchWorkers(ctx context.Context, stages []string) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	since := time.Now() // when all stages had a worker, the last time
	var trouble seldom
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		missing, err := l.unmanned(ctx, stages)
		switch {
		case err != nil:
			continue // whoever else needs NATS says so
		case len(missing) == 0:
			since = time.Now()
			trouble.over()
		case time.Since(since) >= unmannedFor && trouble.now(strings.Join(missing, ",")):
			l.Log.Warn().Strs("stages", missing).Msg("no worker does these stages: the run waits for one; start millrace worker, with --stages if it has any")
		}
	}
}

// unmanned are the stages that no worker does.
func (l *leader) unmanned(ctx context.Context, stages []string) (missing []string, err error) {
	list, err := l.Control.List(ctx, keyWorker)
	if err != nil {
		return nil, err
	}
	var workers []WorkerStatus
	for _, e := range list {
		var w WorkerStatus
		if json.Unmarshal(e.Data, &w) == nil {
			workers = append(workers, w)
		}
	}
	for _, stage := range stages {
		if !slices.ContainsFunc(workers, func(w WorkerStatus) bool { return w.does(stage) }) {
			missing = append(missing, stage)
		}
	}
	return missing, nil
}

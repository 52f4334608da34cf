package cluster

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"millrace/pipeline"
)

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

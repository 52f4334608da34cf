package engine

import (
	"context"

	"millrace/pipeline"
)

// Wiring gives the engine its stages and sinks: the one table of constructors, filled by cmd.
type Wiring struct {
	// Open reads the raw records of a split.
	Open func(ctx context.Context, files *pipeline.Files, split int) (pipeline.Reader, error)
	// Map makes the stages that parse, normalize (with the filters) and dedupe consist of, new ones at every call: each
	// goroutine has its own.
	Map func(stage string, plan *pipeline.Plan) ([]pipeline.Stage, error)
	// Sign writes what dedupe keeps of a split's signed batches.
	Sign func(ctx context.Context, files *pipeline.Files, split int) (pipeline.BatchWriter, error)
	// Runners do the tasks of the stages from settle on. A stage with several runners (two sinks) runs them in turn.
	Runners map[string][]pipeline.Runner
}

// sequence runs several runners for one task and makes one entry of theirs.
type sequence []pipeline.Runner

func (s sequence) Run(ctx context.Context, task pipeline.Task, files *pipeline.Files) (pipeline.Entry, error) {
	var all pipeline.Entry
	for i, r := range s {
		e, err := r.Run(ctx, task, files)
		if err != nil {
			return pipeline.Entry{}, err
		}
		if i == 0 {
			all = e
			continue
		}
		all.Outputs = append(all.Outputs, e.Outputs...)
	}
	return all, nil
}

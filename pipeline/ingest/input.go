package ingest

import (
	"context"

	"millrace/pipeline"
)

// Input is what readers see of an ingest, also of one that is still being planned.
type Input struct {
	Plan    *Plan
	Sources pipeline.Sources
}

// InputOf is that of a job.
func InputOf(job *pipeline.Job) (Input, error) {
	p, err := PlanOf(job)
	return Input{p, job.Sources}, err
}

// Open opens a file of the plan: see pipeline.Sources.
func (in Input) Open(ctx context.Context, file int) (pipeline.Object, error) {
	return in.Sources.Open(ctx, in.Plan.Files[file].Planned())
}

// Job is a job that knows the plan and the sources, which may still be planned: stages can be tried on its files. Its plan has no digest
// of its own.
func (in Input) Job() *pipeline.Job {
	draft := &pipeline.Plan{Kind: Kind, Version: in.Plan.Version}
	_, _ = draft.Decoded(func(*pipeline.Plan) (any, error) { return in.Plan, nil }) // which is no error
	return &pipeline.Job{Plan: draft, Sources: in.Sources}
}

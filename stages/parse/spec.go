package parse

import (
	"context"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Spec is the stage that reads the splits of a plan and makes documents of their records.
func Spec(c Config) pipeline.StageSpec {
	formats := NewFormats(c)
	return pipeline.StageSpec{
		Name: "parse", Settings: []string{"parse", "vocab"},
		Step: &pipeline.Step{
			Open: func(ctx context.Context, job *pipeline.Job, split int) (pipeline.Reader, error) {
				in, err := ingest.InputOf(job)
				if err != nil {
					return nil, err
				}
				return formats.Open(ctx, in, split)
			},
			Stages: func(_ context.Context, job *pipeline.Job) ([]pipeline.Stage, error) {
				plan, err := ingest.PlanOf(job)
				if err != nil {
					return nil, err
				}
				s, err := New(c, plan)
				return []pipeline.Stage{s}, err
			},
		},
	}
}

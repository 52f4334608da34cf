package parse

import (
	"context"

	"millrace/pipeline"
)

// Spec is the stage that reads the splits of a plan and makes documents of their records.
func Spec(c Config) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: "parse", Settings: []string{"parse"},
		Step: &pipeline.Step{
			Open: NewFormats(c).Open,
			Stages: func(_ context.Context, job *pipeline.Job) ([]pipeline.Stage, error) {
				s, err := New(c, job.Plan)
				return []pipeline.Stage{s}, err
			},
		},
	}
}

package ingest

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// WithdrawnFolder has the work tables in which the tasks of a stage leave which documents the job withdraws: see WithdrawnName. The stage is
// the one that says so in the Work of its spec.
const WithdrawnFolder = "withdrawn"

// WithdrawnName is the table of what one task withdraws. A task that withdraws nothing leaves none.
func WithdrawnName(task int) string { return fmt.Sprintf(WithdrawnFolder+"/%06d.parquet", task) }

// FoundWithdrawn are the work tables of what a job withdraws, in the order of the tasks that found it, which must be over.
func FoundWithdrawn(ctx context.Context, job *pipeline.Job) ([]string, error) {
	return LeftIn(ctx, job, WithdrawnFolder)
}

// Withdrawn is what the live versions have withdrawn, by the tables that a plan names, and what the job withdraws itself.
func Withdrawn(ctx context.Context, job *pipeline.Job, tables []string) (*withdrawn.Mask, error) {
	found, err := FoundWithdrawn(ctx, job)
	if err != nil {
		return nil, err
	}
	m := &withdrawn.Mask{}
	for _, name := range tables {
		if err := m.Read(ctx, job.Corpus, name); err != nil {
			return nil, err
		}
	}
	for _, name := range found {
		if err := m.Read(ctx, job.Work, name); err != nil {
			return nil, err
		}
	}
	return m, m.Seal()
}

package ingest

import (
	"context"
	"sync"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
)

type makeStages = func(context.Context, *pipeline.Job) ([]pipeline.Stage, error)

// withRetry adds to the stages of parse what lets through only what was left out of files that are taken again, if a plan takes some.
func withRetry(stages makeStages, tables pipeline.TableFormats) makeStages {
	again := &retries{tables: tables}
	return func(ctx context.Context, job *pipeline.Job) ([]pipeline.Stage, error) {
		list, err := stages(ctx, job)
		if err != nil {
			return nil, err
		}
		retry, err := again.of(ctx, job)
		if err != nil || retry == nil {
			return list, err
		}
		return append(list, retry), nil
	}
}

// retries keeps that stage of the last plan: it is large, and all goroutines share it. Safe for concurrent use.
type retries struct {
	tables pipeline.TableFormats

	mu    sync.Mutex
	plan  *pipeline.Plan // guarded by mu, as is retry
	retry *intake.Retry  // nil: the plan takes no file again
}

func (r *retries) of(ctx context.Context, job *pipeline.Job) (*intake.Retry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.plan == job.Plan {
		return r.retry, nil
	}
	plan, err := ingest.PlanOf(job)
	if err != nil {
		return nil, err
	}
	if r.retry, err = intake.NewRetry(ctx, plan, corpus.Open(job.Corpus, r.tables)); err == nil {
		r.plan = job.Plan
	}
	return r.retry, err
}

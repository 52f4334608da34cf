package ingest

import (
	"context"
	"sync"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/corpus"
	"millrace/pipeline/ingest"
	"millrace/pipeline/rewrite"
	"millrace/pipeline/withdrawn"
)

// CutStage is the stage that writes the shards anew which lose documents: see rewrite.Cut. Options say by the name of a format how its shards
// are written.
func CutStage(tables pipeline.TableFormats, options map[string]columnar.TableOptions) pipeline.StageSpec {
	cut := &rewrite.Cut{Tables: tables, Options: options, Of: (&cutWork{}).of, Count: corpus.FillCopies}
	spec := cut.Spec(ingest.StageCut)
	spec.Sums = false // its sums are of documents of earlier versions, and say nothing of what the run read
	spec.Settings = []string{"sinks"}
	return spec
}

// cutWork is what the last plan withdraws of which shards: all tasks of a process share it. Safe for concurrent use.
type cutWork struct {
	shortened ingest.ShortenedCache

	mu   sync.Mutex
	plan *pipeline.Plan // guarded by mu, as is work
	work rewrite.Work
}

func (c *cutWork) of(ctx context.Context, job *pipeline.Job) (w rewrite.Work, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.plan == job.Plan {
		return c.work, nil
	}
	plan, err := ingest.PlanOf(job)
	if err != nil {
		return w, err
	}
	all, _, err := c.shortened.Of(ctx, job)
	if err != nil {
		return w, err
	}
	w.Live = plan.Shards
	for _, s := range all {
		w.Shards = append(w.Shards, rewrite.Shard{LiveShard: *s.LiveShard, Gone: s.Gone})
	}
	before, err := withdrawn.ReadMask(ctx, job.Corpus, plan.Withdrawn...)
	if err != nil {
		return w, err
	}
	found, err := ingest.FoundWithdrawn(ctx, job)
	if err != nil {
		return w, err
	}
	if err := rewrite.Explain(ctx, job.Work, found, before, w.Shards); err != nil {
		return w, err
	}
	c.plan, c.work = job.Plan, w
	return w, nil
}

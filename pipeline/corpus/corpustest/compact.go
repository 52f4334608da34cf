package corpustest

import (
	"context"
	"errors"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/compact"
	"github.com/millrace/millrace/pipeline/jobs/versioned"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// CompactInput says how Compact writes.
type CompactInput struct {
	ShardBytes int64
	Table      columnar.TableOptions
	Crash      func(point string) // called at every step; may be nil
}

// SmallShards has the documents of a few nights in several shards.
var SmallShards = CompactInput{ShardBytes: 600, Table: columnar.TableOptions{Level: 1, GroupBytes: 64 << 10}}

// Compact does a compaction of the corpus, one task after the other, and returns the manifest of its version; nil if there is nothing to
// gain.
func Compact(ctx context.Context, c *corpus.Corpus, in CompactInput) (*manifest.Manifest, error) {
	crash := in.Crash
	if crash == nil {
		crash = func(string) {}
	}
	kind := compact.New(compact.Options{ShardBytes: in.ShardBytes, Table: in.Table, Corpus: versioned.Corpus{Tables: Tables}})
	site := engine.NewSite(engine.Options{Kinds: []engine.Kind{kind}, Hook: crash, Log: zerolog.Nop()}, c.Store(), pipelinetest.NewMemory())
	d, err := kind.Plan(ctx, site, engine.Request{})
	if err != nil || d.Plan == nil {
		return nil, err
	}
	crash("compact:planned")
	job, closing, err := kind.Job(site, d.Plan)
	if err != nil {
		return nil, err
	}
	defer closing()
	job.Chain, job.Work = kind.Chain(), pipelinetest.NewMemory()
	track := &job.Chain[0].Tracks[0]
	tasks, err := track.Tasks(ctx, job)
	if err != nil {
		return nil, err
	}
	var entries []pipeline.Entry
	for i := range tasks {
		e, err := track.Stages[0].Runner.Run(ctx, pipeline.Task{Stage: track.Stages[0].Name, Index: i}, job)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	data, err := pipeline.EncodePhase(entries)
	if err == nil {
		err = pipeline.WriteAll(ctx, job.Work, pipeline.PhaseName(track.Stages[0].Name), data)
	}
	if err != nil {
		return nil, err
	}
	crash("compact:written")
	outcome, err := kind.Commit(ctx, site, job, engine.Commit{})
	if err != nil {
		return nil, err
	}
	result, ok := outcome.Result.(compact.Result)
	if !ok {
		return nil, errors.New("a compaction came to something else")
	}
	m, err := c.Newest(ctx)
	if err == nil && m.Version != result.Version {
		err = errors.New("the newest version is not that of the compaction")
	}
	return m, err
}

package remove

import (
	"context"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// NewShortenedCache is that of removals.
func NewShortenedCache() *ingest.ShortenedCache {
	return &ingest.ShortenedCache{Of: func(p *pipeline.Plan) ([]ingest.LiveShard, []string, error) {
		b, err := bodyOf(p)
		if err != nil {
			return nil, nil, err
		}
		return b.Shards, b.Withdrawn, nil
	}}
}

// BaseVocab is the table of characters that the vocabulary of a job begins with.
func BaseVocab(_ context.Context, job *pipeline.Job) (string, error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return "", err
	}
	return b.BaseVocab, nil
}

// Counting is how a job counts tokens beside characters: those that are counted already.
func Counting(job *pipeline.Job) (*ingest.Counting, error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return nil, err
	}
	return b.Counting, nil
}

// Chain implements engine.Kind.
func (k *Kind) Chain() pipeline.Chain {
	o := &k.options
	looked := func(_ context.Context, job *pipeline.Job) (int, error) {
		b, err := bodyOf(job.Plan)
		if err != nil {
			return 0, err
		}
		return len(b.read()), nil
	}
	recounted := func(ctx context.Context, job *pipeline.Job) (int, error) {
		base, err := BaseVocab(ctx, job)
		if err != nil || base == "" {
			return 0, err
		}
		n, err := o.Shortened.All(ctx, job)
		return min(n, 1), err
	}
	find := pipeline.StageSpec{
		Name: stageFind, Settings: []string{"dedupe"}, Work: []pipeline.WorkFiles{{Folder: ingest.WithdrawnFolder}},
		Runner: finder{o.Tables, o.Like},
	}
	track := func(spec pipeline.StageSpec, tasks func(context.Context, *pipeline.Job) (int, error)) pipeline.Track {
		return pipeline.Track{Stages: []pipeline.StageSpec{spec}, Tasks: tasks}
	}
	return pipeline.Chain{
		{Name: "find", Tracks: []pipeline.Track{track(find, looked)}},
		{Name: "rewrite", Tracks: []pipeline.Track{track(o.Stages.Cut, o.Shortened.All), track(o.Stages.Uncount, o.Shortened.Read)}},
		{Name: "recount", Tracks: []pipeline.Track{track(o.Stages.Recount, recounted)}},
	}
}

const stageFind = "find"

package remove

import (
	"context"
	"sync"

	"millrace/pipeline"
	"millrace/pipeline/ingest"
	"millrace/pipeline/rewrite"
	"millrace/pipeline/withdrawn"
)

// Shortened are the live shards that a job shortens, in all formats, and those of them that are read. It keeps those of the last plan, which
// all tasks of a process share; what it gives out must not be changed. Safe for concurrent use.
type Shortened struct {
	mu   sync.Mutex
	plan *pipeline.Plan // guarded by mu, as are the lists
	all  []ingest.Shortened
	read []ingest.Shortened
}

// Of returns them. find must be over.
func (s *Shortened) Of(ctx context.Context, job *pipeline.Job) (all, read []ingest.Shortened, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plan == job.Plan {
		return s.all, s.read, nil
	}
	b, err := bodyOf(job.Plan)
	if err != nil {
		return nil, nil, err
	}
	before, now, err := b.masks(ctx, job)
	if err != nil {
		return nil, nil, err
	}
	s.plan, s.all, s.read = job.Plan, ingest.ShortenedShards(b.Shards, now, before), nil
	for _, one := range s.all {
		if one.Read {
			s.read = append(s.read, one)
		}
	}
	return s.all, s.read, nil
}

// masks are what was withdrawn when a job was planned, and what it withdraws.
func (b *body) masks(ctx context.Context, job *pipeline.Job) (before, now *withdrawn.Mask, err error) {
	if before, err = withdrawn.ReadMask(ctx, job.Corpus, b.Withdrawn...); err != nil {
		return nil, nil, err
	}
	found, err := ingest.FoundWithdrawn(ctx, job)
	if err != nil {
		return nil, nil, err
	}
	now, err = withdrawn.ReadMask(ctx, job.Work, found...)
	return before, now, err
}

// BaseVocab is the table of characters that the vocabulary of a job begins with.
func BaseVocab(_ context.Context, job *pipeline.Job) (string, error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return "", err
	}
	return b.BaseVocab, nil
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
	cut := func(ctx context.Context, job *pipeline.Job) (int, error) {
		all, _, err := o.Shortened.Of(ctx, job)
		return len(all), err
	}
	uncounted := func(ctx context.Context, job *pipeline.Job) (int, error) {
		_, read, err := o.Shortened.Of(ctx, job)
		return len(read), err
	}
	recounted := func(ctx context.Context, job *pipeline.Job) (int, error) {
		base, err := BaseVocab(ctx, job)
		if err != nil || base == "" {
			return 0, err
		}
		all, _, err := o.Shortened.Of(ctx, job)
		return min(len(all), 1), err
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
		{Name: "rewrite", Tracks: []pipeline.Track{track(o.Stages.Cut, cut), track(o.Stages.Uncount, uncounted)}},
		{Name: "recount", Tracks: []pipeline.Track{track(o.Stages.Recount, recounted)}},
	}
}

const stageFind = "find"

// Work is what a job takes out of which shards, for the stage that writes them anew.
func (s *Shortened) Work(ctx context.Context, job *pipeline.Job) (w rewrite.Work, err error) {
	all, _, err := s.Of(ctx, job)
	if err != nil {
		return w, err
	}
	b, err := bodyOf(job.Plan)
	if err != nil {
		return w, err
	}
	w.Live = b.Shards
	for _, one := range all {
		w.Shards = append(w.Shards, rewrite.Shard{
			LiveShard: *one.LiveShard, Gone: one.Gone, Reasons: map[string]int64{withdrawn.ReasonRemoved: int64(len(one.Gone))},
		})
	}
	return w, nil
}

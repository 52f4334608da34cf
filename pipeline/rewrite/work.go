package rewrite

import (
	"context"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// WorkOf returns what says to a Cut what a job withdraws, by the shards that it shortens. It keeps that of the last plan, which all tasks of a
// process share.
func WorkOf(shortened *ingest.ShortenedCache) func(ctx context.Context, job *pipeline.Job) (Work, error) {
	return (&works{shortened: shortened}).of
}

// works is safe for concurrent use.
type works struct {
	shortened *ingest.ShortenedCache
	kept      pipeline.OfJob[Work]
}

func (c *works) of(ctx context.Context, job *pipeline.Job) (Work, error) {
	return c.kept.Get(job, func() (Work, error) { return c.read(ctx, job) })
}

func (c *works) read(ctx context.Context, job *pipeline.Job) (w Work, err error) {
	s, err := c.shortened.Get(ctx, job)
	if err != nil {
		return w, err
	}
	w.Live = s.Live
	for _, one := range s.All {
		w.Shards = append(w.Shards, Shard{LiveShard: *one.LiveShard, Gone: one.Gone})
	}
	if err := Explain(ctx, job.Work, s.Found, s.Before, w.Shards); err != nil {
		return w, err
	}
	return w, nil
}

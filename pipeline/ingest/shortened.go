package ingest

import (
	"context"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Shortened is a live shard some of whose documents a job withdraws.
type Shortened struct {
	*LiveShard
	Gone []int64 // the rows that are withdrawn, ascending
}

// ShortenedShards are those of a plan, in its order: withdrawn is what the job withdraws, and before what was withdrawn when it was planned.
func ShortenedShards(shards []LiveShard, now, before *withdrawn.Mask) (list []Shortened) {
	for i := range shards {
		s, row := Shortened{LiveShard: &shards[i]}, int64(0)
		for _, h := range s.Holds {
			ranks := now.Ranks(h.Version)
			// Positions grow with ranks.
			at, _ := slices.BinarySearchFunc(ranks, h.First, func(rank, first int64) int {
				return int(rank - before.Before(h.Version, rank) - first)
			})
			for ; at < len(ranks); at++ {
				position := ranks[at] - before.Before(h.Version, ranks[at])
				if position >= h.First+h.Rows {
					break
				}
				s.Gone = append(s.Gone, row+position-h.First)
			}
			row += h.Rows
		}
		if len(s.Gone) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// Shortening is what a job withdraws of which shards.
type Shortening struct {
	Live []LiveShard // all live shards, in all formats
	// All are those of them that lose documents, and Read those of these that are read, in their order.
	All, Read []Shortened

	Found  []string        // work tables of what the job withdraws
	Before *withdrawn.Mask // what was withdrawn when it was planned
}

// ShortenedBy is that of a job whose plan names the live shards and the tables of what was withdrawn when they were listed. What finds
// withdrawn documents must be over.
func ShortenedBy(ctx context.Context, job *pipeline.Job, live []LiveShard, tables []string) (*Shortening, error) {
	s := &Shortening{Live: live}
	if len(live) == 0 {
		return s, nil
	}
	var err error
	if s.Before, err = withdrawn.ReadMask(ctx, job.Corpus, tables...); err != nil {
		return nil, err
	}
	if s.Found, err = FoundWithdrawn(ctx, job); err != nil {
		return nil, err
	}
	now, err := withdrawn.ReadMask(ctx, job.Work, s.Found...)
	if err != nil {
		return nil, err
	}
	s.All = ShortenedShards(live, now, s.Before)
	s.Read = slices.DeleteFunc(slices.Clone(s.All), func(one Shortened) bool { return !one.Read })
	return s, nil
}

// ShortenedCache keeps what the last plan shortens, which all tasks of a process share. Safe for concurrent use.
type ShortenedCache struct {
	// Of says what a plan names for ShortenedBy.
	Of func(p *pipeline.Plan) (live []LiveShard, tables []string, err error)

	kept pipeline.OfJob[*Shortening]
}

// NewShortenedCache is that of ingests.
func NewShortenedCache() *ShortenedCache {
	return &ShortenedCache{Of: func(p *pipeline.Plan) ([]LiveShard, []string, error) {
		plan, err := Open(p)
		if err != nil {
			return nil, nil, err
		}
		return plan.Shards, plan.Withdrawn, nil
	}}
}

// Get returns what a job shortens. It is shared, and must not be changed.
func (c *ShortenedCache) Get(ctx context.Context, job *pipeline.Job) (*Shortening, error) {
	return c.kept.Get(job, func() (*Shortening, error) {
		live, tables, err := c.Of(job.Plan)
		if err != nil {
			return nil, err
		}
		return ShortenedBy(ctx, job, live, tables)
	})
}

// All is how many shards lose documents: the tasks of what writes them anew.
func (c *ShortenedCache) All(ctx context.Context, job *pipeline.Job) (int, error) {
	s, err := c.Get(ctx, job)
	if err != nil {
		return 0, err
	}
	return len(s.All), nil
}

// Read is how many of these are read: the tasks of what looks at the documents that go.
func (c *ShortenedCache) Read(ctx context.Context, job *pipeline.Job) (int, error) {
	s, err := c.Get(ctx, job)
	if err != nil {
		return 0, err
	}
	return len(s.Read), nil
}

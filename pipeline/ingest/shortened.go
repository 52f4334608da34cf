package ingest

import (
	"context"
	"slices"
	"sync"

	"millrace/pipeline"
	"millrace/pipeline/withdrawn"
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

// ShortenedCache keeps those of the last plan, which all tasks of a process share. Safe for concurrent use.
type ShortenedCache struct {
	mu   sync.Mutex
	plan *pipeline.Plan // guarded by mu, as are the lists
	all  []Shortened
	read []Shortened // those that are read
}

// Of returns the shards that the tasks of a job shorten, in all formats, and those of them that are read. What finds withdrawn documents
// must be over. They are shared, and must not be changed.
func (c *ShortenedCache) Of(ctx context.Context, job *pipeline.Job) (all, read []Shortened, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.plan == job.Plan {
		return c.all, c.read, nil
	}
	plan, err := PlanOf(job)
	if err != nil {
		return nil, nil, err
	}
	var list []Shortened
	if len(plan.Shards) > 0 {
		before, err := withdrawn.ReadMask(ctx, job.Corpus, plan.Withdrawn...)
		if err != nil {
			return nil, nil, err
		}
		found, err := FoundWithdrawn(ctx, job)
		if err != nil {
			return nil, nil, err
		}
		now, err := withdrawn.ReadMask(ctx, job.Work, found...)
		if err != nil {
			return nil, nil, err
		}
		list = ShortenedShards(plan.Shards, now, before)
	}
	c.plan, c.all = job.Plan, list
	c.read = slices.DeleteFunc(slices.Clone(list), func(s Shortened) bool { return !s.Read })
	return c.all, c.read, nil
}

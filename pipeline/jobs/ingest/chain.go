package ingest

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Stages are the stages of the chain, by what their tasks are. A new one is a line in one of the lists.
type Stages struct {
	Map []pipeline.StageSpec // over splits, one after the other: the first makes documents, the last signs them
	// Supersede finds what the run withdraws, over the live shards that are read; Cut writes those that lose documents anew, in all formats,
	// and Uncount works on those of them that are read. They have no task where no file replaces an earlier state, and none vanished.
	Supersede pipeline.StageSpec
	Cut       []pipeline.StageSpec
	Uncount   []pipeline.StageSpec

	Settle  []pipeline.StageSpec // over key partitions
	Resolve pipeline.StageSpec   // decides which documents are kept
	Shards  []pipeline.StageSpec // over the shards of kept documents, which are read once for all of them
	Index   []pipeline.StageSpec // over key partitions, with the kept documents known
	Late    []pipeline.StageSpec // over splits of documents of earlier versions, of which something is counted that was not
	Merge   []pipeline.StageSpec // over partitions of the tokens, once at least, with all of that
	Rank    []pipeline.StageSpec // over kinds of tokens
	// Removed writes the documents of a split that filters dropped and that are kept for people to read. nil: none are kept.
	Removed pipeline.NewWriter
	// Shortened is what Cut and Uncount go by.
	Shortened *ingest.ShortenedCache
	// Tables are the formats that documents may be in.
	Tables pipeline.TableFormats
	// Gate is asked behind the map phase; its error stops the run. May be nil.
	Gate func(ctx context.Context, job *pipeline.Job) error
}

// Chain is the chain of an ingest.
func Chain(s Stages) pipeline.Chain {
	split := planned(func(p *ingest.Plan) int { return len(p.Splits) })
	partition := planned(func(p *ingest.Plan) int { return p.Partitions })
	shard := func(ctx context.Context, job *pipeline.Job) (int, error) {
		shards, err := ingest.Shards(ctx, job)
		return len(shards), err
	}
	searched := planned((*ingest.Plan).Searched)
	// Weights are hundredths of the time that 240 MB of Chinese JSONL take on two cores. What such a run has no tasks for weighs little:
	// most have none.
	chain := pipeline.Chain{
		{Name: "map", Gate: s.Gate, Tracks: []pipeline.Track{{Stages: mapped(&s), Tasks: split, MayDie: true, Weight: 50}}},
		{Name: "supersede", Tracks: weighed(1, each([]pipeline.StageSpec{s.Supersede}, searched))},
		{Name: "settle", Tracks: weighed(3, each(s.Settle, partition))},
		{Name: "resolve", Tracks: each([]pipeline.StageSpec{s.Resolve}, once)},
		{Name: "emit", Careful: true, Tracks: slices.Concat(weighed(5, each(s.Index, partition)), weighed(1, each(s.Cut, s.Shortened.All)), weighed(1, each(s.Uncount, s.Shortened.Read)), weighed(1, each(s.Late, counting(func(c *ingest.Counting) int { return len(c.Splits) }, 0))))},
		{Name: "merge", Tracks: each(s.Merge, counting(func(c *ingest.Counting) int { return c.Partitions }, 1))},
		{Name: "rank", Tracks: each(s.Rank, counting(func(c *ingest.Counting) int { return len(c.Kinds) }, 0))},
	}
	if len(s.Shards) > 0 {
		emit := &chain[4]
		emit.Tracks = slices.Insert(emit.Tracks, 0, pipeline.Track{Stages: sharded(s.Shards), Tasks: shard, Apart: true, Weight: 70})
	}
	return chain
}

// planned is a number of tasks that stands in the plan.
func planned(number func(*ingest.Plan) int) func(context.Context, *pipeline.Job) (int, error) {
	return func(_ context.Context, job *pipeline.Job) (int, error) {
		plan, err := ingest.PlanOf(job)
		if err != nil {
			return 0, err
		}
		return number(plan), nil
	}
}

// counting is a number of tasks that follows from how tokens are counted: so many if none are.
func counting(number func(*ingest.Counting) int, none int) func(context.Context, *pipeline.Job) (int, error) {
	return planned(func(p *ingest.Plan) int {
		if p.Counting == nil {
			return none
		}
		return number(p.Counting)
	})
}

// weighed are tracks of a weight each: see pipeline.Track.
func weighed(weight int, tracks []pipeline.Track) []pipeline.Track {
	for i := range tracks {
		tracks[i].Weight = weight
	}
	return tracks
}

func once(context.Context, *pipeline.Job) (int, error) { return 1, nil }

// each is a track for every stage.
func each(stages []pipeline.StageSpec, tasks func(context.Context, *pipeline.Job) (int, error)) (tracks []pipeline.Track) {
	for _, s := range stages {
		tracks = append(tracks, pipeline.Track{Stages: []pipeline.StageSpec{s}, Tasks: tasks})
	}
	return tracks
}

// sharded are the stages over shards, each with what reads one, if it does not say that itself.
func sharded(stages []pipeline.StageSpec) []pipeline.StageSpec {
	stages = slices.Clone(stages)
	for i := range stages {
		if step := *stages[i].Step; step.Open == nil {
			step.Open = ingest.OpenShard
			stages[i].Step = &step
		}
	}
	return stages
}

// mapped are the stages over splits with what belongs to the job and to none of them: behind the first, what lets through only what
// was left out of files that are taken again; behind the last, the account of the files, and what filters dropped.
func mapped(s *Stages) []pipeline.StageSpec {
	stages := slices.Clone(s.Map)
	for i := range stages {
		step := *stages[i].Step
		if i == 0 {
			step.Open = splits(step.Open)
			step.Stages = withRetry(step.Stages, s.Tables)
		}
		if i == len(stages)-1 {
			writers := []pipeline.NewWriter{step.Write, newAccountWriter}
			if s.Removed != nil {
				writers = append(writers, s.Removed) // the last: what it writes is in the version's folder
			}
			step.Write = pipeline.Writers(writers...)
			stages[i].Out = append(slices.Clone(stages[i].Out), pipeline.RemovedFolder)
			stages[i].Work = append(slices.Clone(stages[i].Work), pipeline.WorkFiles{Folder: "account", Plain: true})
			stages[i].Sums, stages[i].Tells = true, []string{"*"} // what becomes of characters, on the way
		}
		stages[i].Step = &step
	}
	return stages
}

// splits refuses tasks that the plan does not have.
func splits(open func(context.Context, *pipeline.Job, int) (pipeline.Reader, error)) func(context.Context, *pipeline.Job, int) (pipeline.Reader, error) {
	return func(ctx context.Context, job *pipeline.Job, split int) (pipeline.Reader, error) {
		plan, err := ingest.PlanOf(job)
		if err != nil {
			return nil, err
		}
		if split < 0 || split >= len(plan.Splits) {
			return nil, pipeline.Permanent(fmt.Errorf("split %d: the plan has %d splits", split, len(plan.Splits)))
		}
		return open(ctx, job, split)
	}
}

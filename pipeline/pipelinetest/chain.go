package pipelinetest

import (
	"context"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Chain has the shape of an ingest, toy stages, and nothing that does their tasks: for the tests of those who go by a chain, and of
// stages that read what others left.
func Chain() pipeline.Chain {
	counted := func(of func(*ingest.Plan) int) func(context.Context, *pipeline.Job) (int, error) {
		return func(_ context.Context, job *pipeline.Job) (int, error) {
			plan, err := ingest.PlanOf(job)
			if err != nil {
				return 0, err
			}
			return of(plan), nil
		}
	}
	split := counted(func(p *ingest.Plan) int { return len(p.Splits) })
	partition := counted(func(p *ingest.Plan) int { return p.Partitions })
	once := func(context.Context, *pipeline.Job) (int, error) { return 1, nil }
	shard := func(ctx context.Context, f *pipeline.Job) (int, error) {
		shards, err := ingest.Shards(ctx, f)
		return len(shards), err
	}
	alone := func(s pipeline.StageSpec, tasks func(context.Context, *pipeline.Job) (int, error)) pipeline.Track {
		return pipeline.Track{Stages: []pipeline.StageSpec{s}, Tasks: tasks}
	}
	return pipeline.Chain{
		{Name: "map", Tracks: []pipeline.Track{{Tasks: split, MayDie: true, Stages: []pipeline.StageSpec{
			{Name: "cut"}, {Name: "mill"}, {Name: "sign", Sums: true, Tells: []string{"*"}},
		}}}},
		{Name: "pair", Tracks: []pipeline.Track{alone(pipeline.StageSpec{Name: "pair", Tells: []string{"candidate_overflow"}}, partition)}},
		{Name: "choose", Tracks: []pipeline.Track{alone(pipeline.StageSpec{Name: "choose", Sums: true, Tells: []string{"candidate_overflow", "winner_missing"}}, once)}},
		{Name: "emit", Careful: true, Tracks: []pipeline.Track{
			{Tasks: shard, Apart: true, Stages: []pipeline.StageSpec{
				{Name: "print", Out: []string{pipeline.DataFolder, pipeline.ArrowTable.Folder}}, {Name: "weigh"},
			}},
			alone(pipeline.StageSpec{Name: "sort", Out: []string{pipeline.IndexFolder}}, partition),
		}},
		{Name: "sum", Tracks: []pipeline.Track{alone(pipeline.StageSpec{Name: "sum", Out: []string{pipeline.VocabFolder}}, once)}},
	}
}

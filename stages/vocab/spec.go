package vocab

import (
	"context"

	"millrace/pipeline"
	"millrace/pipeline/ingest"
)

// The stages of the package.
const (
	stageCount = "vocab"
	stageMerge = "merge"
)

// CountStage is the stage that counts the characters of the kept documents of each shard. What a task leaves has as many rows as
// the shard has different characters.
func CountStage(Config) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageCount, Settings: []string{"vocab"}, Work: []pipeline.WorkFiles{{Folder: "counts"}},
		Step: &pipeline.Step{Open: ingest.OpenShard, Write: newCounter},
	}
}

// UncountStage is a stage that counts the characters of documents which the job withdraws, one shard a task: see NewUncount.
func UncountStage(name string, of func(ctx context.Context, job *pipeline.Job, task int) (Withdrawn, error)) pipeline.StageSpec {
	return pipeline.StageSpec{Name: name, Work: []pipeline.WorkFiles{{Folder: ingest.UncountsFolder}}, Runner: NewUncount(of)}
}

// RecountStage is the stage that makes the vocabulary of a job which only withdraws documents: see NewRecount.
func RecountStage(c Config, name string, base func(ctx context.Context, job *pipeline.Job) (string, error)) pipeline.StageSpec {
	return pipeline.StageSpec{Name: name, Settings: []string{"vocab"}, Out: []string{pipeline.VocabFolder}, Runner: NewRecount(c, base)}
}

// MergeStage is the stage that makes the vocabulary of the counts of all shards, and of the version before.
func MergeStage(c Config) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageMerge, Settings: []string{"vocab"}, Out: []string{pipeline.VocabFolder}, Runner: NewMerge(c),
	}
}

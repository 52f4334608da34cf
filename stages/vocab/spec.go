package vocab

import (
	"context"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/vocab/tokens"
)

// The stages of the package.
const (
	stageCount = "vocab"
	stageMerge = "merge"
	stageLate  = "catchup"
	stageTable = "rank"
)

// CountStage is the stage that counts the characters of the kept documents of each shard. What a task leaves has as many rows as
// the shard has different characters.
func CountStage(Config) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageCount, Settings: []string{"vocab"}, Work: []pipeline.WorkFiles{{Folder: "counts"}, {Folder: ingest.TokensFolder}},
		Step: &pipeline.Step{Open: ingest.OpenShard, Write: newCounter},
	}
}

// UncountStage is a stage that counts the characters and tokens of documents which the job withdraws, one shard a task: see NewUncount.
func UncountStage(name string, of func(ctx context.Context, job *pipeline.Job, task int) (Withdrawn, error), counting Counting) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: name, Work: []pipeline.WorkFiles{{Folder: ingest.UncountsFolder}, {Folder: ingest.UntokensFolder}}, Runner: NewUncount(of, counting),
	}
}

// LateStage is the stage of an ingest that counts the tokens of documents of earlier versions, of kinds that were not counted so far: a split of
// ingest.Counting a task.
func LateStage(tables pipeline.TableFormats) pipeline.StageSpec {
	return pipeline.StageSpec{Name: stageLate, Settings: []string{"vocab"}, Work: []pipeline.WorkFiles{{Folder: ingest.LateFolder}}, Runner: late{tables}}
}

// RecountStage is the stage that makes the vocabulary of a job which only withdraws documents: see NewRecount.
func RecountStage(c Config, name string, base func(ctx context.Context, job *pipeline.Job) (string, error), counting Counting) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: name, Settings: []string{"vocab"}, Out: []string{pipeline.VocabFolder, pipeline.CountsFolder}, Work: []pipeline.WorkFiles{{Folder: tokens.RankedFolder}},
		Runner: NewRecount(c, base, counting),
	}
}

// MergeStage is the stage that makes the vocabulary of the counts of all shards, and of the version before: a partition of the tokens a task, the first
// of which does the characters.
func MergeStage(c Config) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageMerge, Settings: []string{"vocab"}, Out: []string{pipeline.VocabFolder, pipeline.CountsFolder}, Work: []pipeline.WorkFiles{{Folder: tokens.RankedFolder}},
		Runner: NewMerge(c),
	}
}

// TableStage is the stage of an ingest that writes the table of a kind of tokens a task.
func TableStage(c Config) pipeline.StageSpec {
	return pipeline.StageSpec{Name: stageTable, Settings: []string{"vocab"}, Out: []string{pipeline.VocabFolder}, Runner: ranker{c}}
}

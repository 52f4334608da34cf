package vocab

import (
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

// MergeStage is the stage that makes the vocabulary of the counts of all shards, and of the version before.
func MergeStage(c Config) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageMerge, Settings: []string{"vocab"}, Out: []string{pipeline.VocabFolder}, Runner: NewMerge(c),
	}
}

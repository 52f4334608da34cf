package vocab

import "millrace/pipeline"

// The stages of the package.
const (
	stageCount = "vocab"
	stageMerge = "merge"
)

// CountStage is the stage that counts the characters of each shard.
func CountStage(c Config) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageCount, Settings: []string{"vocab"}, Work: []pipeline.WorkFiles{{Folder: "counts"}}, Step: Step(c),
	}
}

// MergeStage is the stage that makes the vocabulary of the counts of all shards, and of the version before.
func MergeStage(c Config) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageMerge, Settings: []string{"vocab"}, Out: []string{pipeline.VocabFolder}, Runner: NewMerge(c),
	}
}

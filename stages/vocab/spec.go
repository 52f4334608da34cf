package vocab

import "millrace/pipeline"

// CountStage is the stage that counts the characters of each shard.
func CountStage(c Config) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: pipeline.StageVocab, Settings: "vocab", Work: []pipeline.WorkFiles{{Folder: "counts"}}, Step: Step(c),
	}
}

// MergeStage is the stage that makes the vocabulary of the counts of all shards, and of the version before.
func MergeStage(c Config) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: pipeline.StageMerge, Settings: "vocab", Out: []string{pipeline.VocabFolder}, Runner: NewMerge(c),
	}
}

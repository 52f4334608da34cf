package dedupe

import (
	"context"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// The stages of the package.
const (
	stageSign      = "dedupe"
	stageSupersede = "supersede"
	stageSettle    = "settle"
	stageResolve   = "resolve"
	stageIndex     = "index"
	stageResign    = "resign"
	stageRematch   = "rematch"
	stageReread    = "reread"
	stageRejudge   = "rejudge"
	stageResemble  = "resemble"
	stageReindex   = "reindex"
)

// Counters of entries that the result keeps.
const (
	counterOverflow = "candidate_overflow" // documents that were not compared with all that they might resemble
	counterMissing  = "winner_missing"     // documents without a value of the field that decides which one stays
)

// SignStage is the stage that signs the documents of a split and leaves their signatures and keys.
func SignStage(c Config) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageSign, Settings: []string{"dedupe"},
		Work: []pipeline.WorkFiles{{Folder: "documents"}, {Folder: "sketches"}, {Folder: "keys"}, {Folder: "ranks"}},
		Step: &pipeline.Step{
			Stages: func(context.Context, *pipeline.Job) ([]pipeline.Stage, error) {
				return []pipeline.Stage{NewSign(c)}, nil
			},
			Write: func(ctx context.Context, job *pipeline.Job, split int) (pipeline.BatchWriter, error) {
				return NewWriter(ctx, c, job, split)
			},
		},
	}
}

// SupersedeStage is the stage that finds the documents which the run withdraws: see NewSupersede.
func SupersedeStage(tables pipeline.TableFormats) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageSupersede, Work: []pipeline.WorkFiles{{Folder: ingest.WithdrawnFolder, Plain: true}}, Runner: NewSupersede(tables),
	}
}

// SettleStage is the stage that finds pairs of documents which are, or may be, duplicates.
func SettleStage(c Config) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageSettle, Settings: []string{"dedupe"}, Work: []pipeline.WorkFiles{{Folder: "edges"}}, Tells: []string{counterOverflow},
		Runner: NewSettle(c),
	}
}

// ResolveStage is the stage that decides which documents are kept, and cuts them into shards.
func ResolveStage(c Config) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageResolve, Settings: []string{"dedupe"}, Work: []pipeline.WorkFiles{{Folder: "resolve", Plain: true}}, Sums: true,
		Tells: []string{counterOverflow, counterMissing}, Runner: NewResolve(c),
	}
}

// ResignStage is the stage of a reindex that signs the live documents again: see NewResign.
func ResignStage(c Config, of ReindexingOf, tables pipeline.TableFormats) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageResign, Settings: []string{"dedupe"}, Out: []string{pipeline.IndexFolder}, Work: []pipeline.WorkFiles{{Folder: "keys"}, {Folder: "sketches"}},
		Runner: NewResign(c, of, tables),
	}
}

// RematchStage is the stage of a reindex that finds pairs of live documents which are, or may be, duplicates: see NewRematch.
func RematchStage(c Config, of ReindexingOf) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageRematch, Settings: []string{"dedupe"}, Work: []pipeline.WorkFiles{{Folder: "edges"}}, Tells: []string{counterOverflow},
		Runner: NewRematch(c, of),
	}
}

// RereadStage is the stage of a reindex that reads the texts which the decisions need: see NewReread.
func RereadStage(c Config, of ReindexingOf, tables pipeline.TableFormats) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageReread, Settings: []string{"dedupe"}, Work: []pipeline.WorkFiles{{Folder: "documents"}}, Runner: NewReread(c, of, tables),
	}
}

// RejudgeStage is the stage of a reindex that decides which documents go: see NewRejudge.
func RejudgeStage(c Config, of ReindexingOf) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageRejudge, Settings: []string{"dedupe"}, Work: []pipeline.WorkFiles{{Folder: "resolve", Plain: true}},
		Tells: []string{counterOverflow}, Runner: NewRejudge(c, of),
	}
}

// ResembleStage is the stage of a reindex that names these documents: see NewResemble.
func ResembleStage(of ReindexingOf, tables pipeline.TableFormats) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: stageResemble, Settings: []string{"dedupe"}, Work: []pipeline.WorkFiles{{Folder: ingest.WithdrawnFolder, Plain: true}},
		Runner: NewResemble(of, tables),
	}
}

// ReindexStage is the stage of a reindex that makes an index of their keys: see NewReindex.
func ReindexStage(of ReindexingOf) pipeline.StageSpec {
	return pipeline.StageSpec{Name: stageReindex, Settings: []string{"dedupe"}, Out: []string{pipeline.IndexFolder}, Runner: NewReindex(of)}
}

// IndexStage is the stage that writes the part of the index in which later runs look documents up.
func IndexStage(Config) pipeline.StageSpec {
	return pipeline.StageSpec{Name: stageIndex, Settings: []string{"dedupe"}, Out: []string{pipeline.IndexFolder}, Runner: NewIndex()}
}

package ingest

import (
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/rewrite"
)

// CutStage is the stage that writes the shards anew which lose documents: see rewrite.Cut. Options say by the name of a format how its shards
// are written.
func CutStage(tables pipeline.TableFormats, options map[string]columnar.TableOptions, shortened *ingest.ShortenedCache) pipeline.StageSpec {
	cut := &rewrite.Cut{Tables: tables, Options: options, Of: rewrite.WorkOf(shortened), Count: corpus.FillCopies}
	spec := cut.Spec(ingest.StageCut)
	spec.Sums = false // its sums are of documents of earlier versions, and say nothing of what the run read
	spec.Settings = []string{"sinks"}
	return spec
}

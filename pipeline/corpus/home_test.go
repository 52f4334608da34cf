package corpus_test

import (
	"context"
	"strings"
	"testing"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/pipelinetest"
)

// A stage that writes where no version has files is found out at the start.
func TestCheckFolders(t *testing.T) {
	formats := pipeline.TableFormats{pipeline.ParquetTable, pipeline.ArrowTable}
	if err := corpus.CheckFolders(formats, pipelinetest.Chain()); err != nil {
		t.Error(err)
	}
	tasks := func(context.Context, *pipeline.Job) (int, error) { return 1, nil }
	chain := pipeline.Chain{{Name: "one", Tracks: []pipeline.Track{{Tasks: tasks, Stages: []pipeline.StageSpec{{Name: "tables", Out: []string{"tables"}}}}}}}
	err := corpus.CheckFolders(formats, pipelinetest.Chain(), chain)
	if err == nil || !strings.Contains(err.Error(), "stage tables writes to tables, which is no folder of a version") {
		t.Errorf("%v", err)
	}
}

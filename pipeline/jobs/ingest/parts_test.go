package ingest

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// TestParts: people are told of the pieces of a split, and of nothing where the plan does not have it or cannot be read.
func TestParts(t *testing.T) {
	plan := pipelinetest.Seal(t, &ingest.Plan{
		Sources: []pipeline.Source{{Name: "laws"}, {Name: "news"}},
		Files:   []ingest.File{{Path: "a", Bytes: 10}, {Source: 1, Path: "b", Bytes: 20, Found: ingest.Found{ModTime: 7}}},
		Splits: []ingest.Split{
			{Pieces: []ingest.Piece{{File: 0, End: 10}, {File: 1, End: 5}}}, {Pieces: []ingest.Piece{{File: 1, Start: 5, End: 20}}},
		},
	})
	broken := &pipeline.Plan{Kind: ingest.Kind, Body: json.RawMessage("{}"), Local: json.RawMessage("[]")}
	for _, tt := range []struct {
		plan *pipeline.Plan
		task int
		want []engine.Part
	}{
		{plan, 0, []engine.Part{{Source: "laws", Path: "a", FileBytes: 10, Bytes: 10}, {Source: "news", Path: "b", FileBytes: 20, ModTime: 7, Bytes: 5}}},
		{plan, 1, []engine.Part{{Source: "news", Path: "b", FileBytes: 20, ModTime: 7, Offset: 5, Bytes: 15}}},
		{plan, 2, nil},
		{plan, -1, nil},
		{broken, 0, nil},
	} {
		if diff := cmp.Diff(tt.want, New(Options{}).Parts(tt.plan, tt.task)); diff != "" {
			t.Errorf("task %d of plan %s (-want +got):\n%s", tt.task, tt.plan.Digest(), diff)
		}
	}
}

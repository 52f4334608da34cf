package intake

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// told are the formats of toys, with a look at what is told while they are asked.
type told struct {
	toy
	planning *pipeline.Planning
	states   []pipeline.PlanningState
}

func (f *told) look() {
	if s, ok := f.planning.State(); ok && !slices.Contains(f.states, s) {
		f.states = append(f.states, s)
	}
}

func (f *told) Detect(source, name string, head []byte) ingest.Detection {
	f.look()
	return f.toy.Detect(source, name, head)
}

func (f *told) Cut(ctx context.Context, in ingest.Input, file int, size int64) ([]ingest.Piece, error) {
	f.look()
	return f.toy.Cut(ctx, in, file, size)
}

func (f *told) Expected(ctx context.Context, in ingest.Input, file int) (expected, least int64, err error) {
	f.look()
	return f.toy.Expected(ctx, in, file)
}

// TestPlanningIsTold: what is found and looked at is counted while a plan is made, and nothing is told behind it, also if it fails.
func TestPlanningIsTold(t *testing.T) {
	root := write(t, "news", map[string]string{"a.gz": "1234567890"})
	o := toyOptions(root)
	f := &told{planning: &pipeline.Planning{}}
	o.Formats, o.Planning, o.SplitBytes = f, f.planning, 4
	mustPlan(t, o, Parent{})
	want := []pipeline.PlanningState{
		{Step: "detecting formats", Files: 1, Bytes: 10, Total: 1},
		{Step: "cutting files and members of archives", Files: 1, Bytes: 10, Done: 1, Total: 1},
		{Step: "estimating sizes", Files: 1, Bytes: 10, Total: 1},
	}
	if diff := cmp.Diff(want, f.states); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	o.Paths = []string{root + "/none"}
	if _, err := Plan(t.Context(), o, Parent{}); err == nil {
		t.Error("a path that is not there is planned")
	}
	if s, planning := f.planning.State(); planning {
		t.Errorf("behind the plan: %+v", s)
	}
}

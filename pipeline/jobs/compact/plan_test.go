package compact

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/millrace/millrace/pipeline"
)

// TestBodyOf: the tasks of a plan share what it says, and one that says nothing is not tried again.
func TestBodyOf(t *testing.T) {
	plan := &pipeline.Plan{Kind: Name, Body: json.RawMessage(`{"ends":[3,5]}`)}
	first, err := bodyOf(plan)
	if err != nil || !slices.Equal(first.Ends, []int64{3, 5}) {
		t.Fatalf("%+v, %v", first, err)
	}
	if again, err := bodyOf(plan); again != first || err != nil {
		t.Errorf("it was decoded again: %+v, %v", again, err)
	}
	if b, err := bodyOf(&pipeline.Plan{Kind: Name, Body: json.RawMessage(`{"ends":3}`)}); b != nil || !pipeline.IsPermanent(err) {
		t.Errorf("a body that is none: %+v, %v", b, err)
	}
}

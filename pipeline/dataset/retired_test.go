package dataset_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// wandering moves a file to its other place whenever somebody has looked for it where it is not.
type wandering struct {
	pipeline.Store
	left int // moves that are still to come
}

func (w *wandering) Open(ctx context.Context, name string) (pipeline.Object, error) {
	o, err := w.Store.Open(ctx, name)
	if errors.Is(err, fs.ErrNotExist) && w.left > 0 {
		w.left--
		other, ok := strings.CutPrefix(name, dataset.RetiredFolder+"/")
		if !ok {
			other = dataset.RetiredFolder + "/" + name
		}
		data, err := pipeline.ReadAll(ctx, w.Store, other)
		if err == nil {
			err = errors.Join(pipeline.WriteAll(ctx, w.Store, name, data), w.Remove(ctx, other))
		}
		if err != nil {
			return nil, err
		}
	}
	return o, err
}

// A file is found where its path says, or retired, also while it moves.
func TestPlaced(t *testing.T) {
	memory := pipelinetest.NewMemory()
	put(t, memory, "data/1/a", "一")
	put(t, memory, "retired/data/1/b", "二")
	put(t, memory, "data/1/c", "三")
	put(t, memory, "retired/data/1/c", "another")
	placed := dataset.Placed(memory)
	for name, want := range map[string]string{"data/1/a": "一", "data/1/b": "二", "data/1/c": "三", "retired/data/1/b": "二"} {
		got, err := pipeline.ReadAll(t.Context(), placed, name)
		if err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v, want %q", name, got, err, want)
		}
	}
	if _, err := placed.Open(t.Context(), "data/1/d"); !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "retired") {
		t.Errorf("what is nowhere: %v", err)
	}
	if dataset.Placed(placed) != placed {
		t.Error("placed twice")
	}
	memory.Fail(nil)
	for moves := range 3 {
		w := &wandering{memory, moves}
		if got, err := pipeline.ReadAll(t.Context(), dataset.Placed(w), "data/1/b"); err != nil || string(got) != "二" {
			t.Errorf("%d moves: %q, %v", moves, got, err)
		}
	}
}

package intake

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// TestRecordHead: a record is shown on one line as it lies in its file, from whatever offset it has.
func TestRecordHead(t *testing.T) {
	long := strings.Repeat("长", headChars+1)
	root := write(t, "news", map[string]string{"a.lines": "one\n\ttwo\x1b[1m\xff\r\n" + long + "\n", "b.gz": "one\ntwo\n", "c.txt": "whole"})
	plan := mustPlan(t, toyOptions(root), Parent{}).Plan
	sources, err := store.OpenSources(plan.Sources, store.Access{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sources.Close() }() // read only
	in := ingest.Input{Plan: plan, Sources: sources}
	for _, c := range []struct {
		file   int
		offset int64
		want   string
	}{
		{0, 0, "one"}, {0, 4, "two [1m\uFFFD"}, {0, 15, strings.Repeat("长", headChars) + " …"}, {1, 4, "two"}, {1, 5, ""}, {2, 0, "whole"}, {2, 1, ""},
	} {
		if got, err := RecordHead(t.Context(), toy{}, in, c.file, c.offset); got != c.want || err != nil {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	fresh, err := store.OpenSources([]pipeline.Source{{Name: "news", Root: filepath.Join(root, "gone")}}, store.Access{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = fresh.Close() }() // read only
	in.Sources = fresh
	if got, err := RecordHead(t.Context(), toy{}, in, 1, 4); got != "" || !errors.Is(err, pipeline.ErrUnreachable) {
		t.Errorf("of a source that is gone: %q, %v", got, err)
	}
}

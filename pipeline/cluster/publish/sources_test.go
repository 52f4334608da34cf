package publish

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
)

// TestAsk: --source says where a source lies, or which one to copy into.
func TestAsk(t *testing.T) {
	list := func(s ...string) []string { return s }
	for _, tt := range []struct {
		sources, paths []string
		upload         bool
		want           Asked
		err            string
	}{
		{nil, list("a"), false, Asked{Paths: list("a")}, ""},
		{list("n=/d/n"), list("/d/n/x"), false, Asked{Sources: list("n=/d/n"), Paths: list("/d/n/x")}, ""},
		{list("n=/d/n", "m/o=/d=m"), nil, false, Asked{Sources: list("n=/d/n", "m/o=/d=m"), Paths: list("/d/n", "/d=m")}, ""},
		{list("n"), list("x"), true, Asked{Into: "n", Paths: list("x")}, ""},
		{list("n=/d/n"), list("x"), true, Asked{Sources: list("n=/d/n"), Into: "n", Paths: list("x")}, ""},
		{list("n"), list("x"), false, Asked{}, "without --upload a file's path says which source it is of, and --source n is for --upload only"},
		{nil, list("x"), true, Asked{}, "--upload has no place to copy to"},
		{list("n", "m=/d"), list("x"), true, Asked{}, "--upload has 2 sources to copy to: n, m"},
		{list("n=/d/n"), nil, true, Asked{}, "PATH is missing"},
		{nil, nil, false, Asked{}, "PATH is missing"},
	} {
		got, err := Ask(tt.sources, tt.paths, tt.upload)
		if tt.err != "" {
			if !errors.Is(err, pipeline.ErrUsage) || pipeline.Plain(err) != tt.err {
				t.Errorf("%q %q: %v, want %s", tt.sources, tt.paths, err, tt.err)
			}
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%q %q: %v\n%s", tt.sources, tt.paths, err, diff)
		}
	}
}

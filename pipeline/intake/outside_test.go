package intake

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// TestWarnOutside: links that leave their source, as in the snapshots of a hub's cache, are told with what to name instead.
func TestWarnOutside(t *testing.T) {
	above := write(t, "hub", map[string]string{"blobs/1": "x", "snapshots/rev/real.lines": "y"})
	snapshot := filepath.Join(above, "snapshots", "rev")
	far := filepath.Join(write(t, "far", map[string]string{"z.lines": "z"}), "z.lines")
	for name, target := range map[string]string{"a.lines": "../../blobs/1", "b.lines": "../../blobs/1"} {
		if err := os.Symlink(target, filepath.Join(snapshot, name)); err != nil {
			t.Fatal(err)
		}
	}
	var log bytes.Buffer
	o := toyOptions(snapshot)
	o.Log = zerolog.New(&log)
	mustPlan(t, o, Parent{})
	resolved, err := filepath.EvalSymlinks(above)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"files":2`, "a.lines", "name " + resolved + ", which holds the links", "or copy the folder with cp -rL"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not in %s", want, &log)
		}
	}
	if got := sharedFolder(snapshot, "gone"); got != "" {
		t.Errorf("of a link that leads nowhere: %q", got)
	}
	if got := sharedFolder(filepath.Join(snapshot, "gone"), "a.lines"); got != "" {
		t.Errorf("of a root that is gone: %q", got)
	}
	deep := filepath.Join(write(t, "deep", map[string]string{"1/2/3/4/5/a": ""}), "1/2/3/4/5")
	if err := os.Symlink(far, filepath.Join(deep, "link")); err != nil {
		t.Fatal(err)
	}
	if got := sharedFolder(deep, "link"); got != "" {
		t.Errorf("of a link that leads far away: %q", got)
	}
}

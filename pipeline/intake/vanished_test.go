package intake

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// shardsOf counts how often a plan asks where the live documents lie.
func shardsOf(asked *int) func() ([]ingest.LiveShard, error) {
	return func() ([]ingest.LiveShard, error) {
		*asked++
		return []ingest.LiveShard{{Path: "data/1", Rows: 1}}, nil
	}
}

// TestPlanReplaces: what a file does to documents of its earlier states, by what is known of these.
func TestPlanReplaces(t *testing.T) {
	root := write(t, "news", map[string]string{"a.lines": "x", "b.lines": "y", "c.lines": "z", "d.lines": "w", "e.lines": "v"})
	o := toyOptions(root)
	known := hold(t, mustPlan(t, o, Parent{}).Plan)
	asked := 0
	parent := Parent{Version: 2, Known: known, Moved: func(int) bool { return false }, Shards: shardsOf(&asked)}
	o.Replace = true
	d := mustPlan(t, o, parent)
	wantPlanned(t, &d, 5)
	if asked > 0 || d.Plan.Shards != nil {
		t.Error("a plan that replaces nothing names shards")
	}
	now := time.Now().Add(-time.Hour)
	rewrite(t, filepath.Join(root, "a.lines"), "longer", now)
	rewrite(t, filepath.Join(root, "f.lines"), "new", now)
	rewrite(t, filepath.Join(root, "g.bin"), "\x00", now) // changed, and cannot be read
	known.change("g.bin", func(f *earlierFile) { f.bytes = 5 })
	known.change("b.lines", func(f *earlierFile) { f.stale, f.as = true, ingest.ReasonDead })
	known.change("c.lines", func(f *earlierFile) { f.lost = 1 })
	known.change("d.lines", func(f *earlierFile) { f.as = ingest.ReasonDead })
	known.change("e.lines", func(f *earlierFile) { f.rejects, f.from, f.stale = 2, 1, true })
	d = mustPlan(t, o, parent)
	wantPlanned(t, &d, 1, "news/a.lines changed replaces", "news/b.lines replaces", "news/c.lines retried reread lost", "news/d.lines",
		"news/f.lines", "news/g.bin binary, no text changed")
	if asked != 1 || len(d.Plan.Shards) != 1 {
		t.Errorf("shards %+v", d.Plan.Shards)
	}
	o.RetryRejected = true // a file that has another state live is read as a whole
	d = mustPlan(t, o, parent)
	wantPlanned(t, &d, 0, "news/a.lines changed replaces", "news/b.lines replaces", "news/c.lines retried reread lost", "news/d.lines",
		"news/e.lines replaces", "news/f.lines", "news/g.bin binary, no text changed")
	o.RetryRejected, o.Replace = false, false
	d = mustPlan(t, o, parent)
	wantPlanned(t, &d, 1, "news/a.lines changed", "news/b.lines", "news/c.lines retried reread lost", "news/d.lines", "news/f.lines",
		"news/g.bin binary, no text changed")

	var log bytes.Buffer
	o.Replace, o.Log, parent.Unreadable = true, zerolog.New(&log), []int{1}
	d = mustPlan(t, o, parent)
	if d.Plan.Revises() || !strings.Contains(log.String(), "files that changed are added to") {
		t.Errorf("planned %q, said %s", planned(d.Plan), &log)
	}
}

// vanishedOf are the files that a plan found gone.
func vanishedOf(p *ingest.Plan) (list []string) {
	for _, f := range p.Vanished {
		list = append(list, f.Source+"/"+f.Path)
	}
	return list
}

// TestPlanVanished: a file that its source holds no more is gone, and one that merely was not looked at is not.
func TestPlanVanished(t *testing.T) {
	root := write(t, "news", map[string]string{"a.lines": "x", "b.lines": "y", "c.lines": "z", "sub/d.lines": "w", "sub/e.lines": "v"})
	other := write(t, "other", map[string]string{"a.lines": "x"})
	o := toyOptions()
	o.Roots = []Root{{Name: "news", Root: root, Scan: true}, {Name: "other", Root: other, Scan: true}}
	known := hold(t, mustPlan(t, o, Parent{}).Plan)
	known.change("never.lines", func(f *earlierFile) { f.bytes = 1 })
	asked := 0
	parent := Parent{Version: 2, Known: known, Moved: func(int) bool { return false }, Shards: shardsOf(&asked)}
	remove := func(paths ...string) {
		for _, p := range paths {
			if err := os.Remove(filepath.Join(root, p)); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove("a.lines", "sub/d.lines")
	d := mustPlan(t, o, parent)
	if !d.Plan.Nothing() || asked > 0 {
		t.Errorf("vanished, though they are kept: %q", vanishedOf(d.Plan))
	}
	o.Withdraw = true
	// What a pattern leaves out today is there still; one that is published is looked for by its name.
	o.Roots[0].Exclude = []string{"b.*"}
	d = mustPlan(t, o, parent)
	want := []string{"news/a.lines", "news/never.lines", "news/sub/d.lines"}
	if got := vanishedOf(d.Plan); !slices.Equal(got, want) || len(d.Plan.Files) > 0 || d.Plan.Nothing() || len(d.Plan.Shards) != 1 {
		t.Errorf("vanished %q, want %q; %+v", got, want, d.Plan)
	}
	if s := d.Plan.Sources; len(s) != 1 || s[0].Name != "news" || s[0].Root != root {
		t.Errorf("sources %+v", s)
	}
	if differs, err := ChangedFile(t.Context(), d.Plan, store.Access{}); differs != "" || err != nil {
		t.Errorf("%q, %v", differs, err)
	}
	rewrite(t, filepath.Join(root, "a.lines"), "x", time.Now())
	if differs, err := ChangedFile(t.Context(), d.Plan, store.Access{}); differs != "news/a.lines has come back" || err != nil {
		t.Errorf("%q, %v", differs, err)
	}
	remove("a.lines")
	// A source that is not scanned has lost nothing.
	o.Roots[0].Scan = false
	o.Published = []Published{{Source: "news", Path: "c.lines"}}
	if got := vanishedOf(mustPlan(t, o, parent).Plan); got != nil {
		t.Errorf("vanished from a list of published files: %q", got)
	}
	o.Roots[0].Scan, o.Published = true, nil
	// Nor has one that could not be listed to its end.
	if os.Geteuid() != 0 {
		if err := os.Chmod(filepath.Join(root, "sub"), 0); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		o.Log = zerolog.New(&log)
		if got := vanishedOf(mustPlan(t, o, parent).Plan); got != nil || !strings.Contains(log.String(), `"folder":"sub"`) {
			t.Errorf("vanished from a source that cannot be listed: %q, said %s", got, &log)
		}
		if err := os.Chmod(filepath.Join(root, "sub"), 0o755); err != nil { //nolint:gosec // a folder of the test
			t.Fatal(err)
		}
	}
	// A place with nothing in it is not where everything has vanished.
	remove("b.lines", "c.lines", "sub/e.lines")
	if _, err := Plan(t.Context(), o, parent); !errors.Is(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), "source news holds nothing") {
		t.Errorf("an empty source: %v", err)
	}
	o.Withdraw = false
	if d := mustPlan(t, o, parent); !d.Plan.Nothing() {
		t.Errorf("planned %q", planned(d.Plan))
	}
}

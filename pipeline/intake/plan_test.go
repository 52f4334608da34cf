package intake

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

func mustPlan(t *testing.T, o Options, parent Parent) Draft {
	t.Helper()
	d, err := Plan(t.Context(), o, parent)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// planned lists the files of a plan with what is special about them.
func planned(p *ingest.Plan) (list []string) {
	for i := range p.Files {
		f := &p.Files[i]
		line := p.SourceName(int32(i)) + "/" + f.Path
		if f.Reject != "" {
			line += " " + ingest.ReasonText(f.Reject, f.RejectDetail)
		}
		if f.Changed {
			line += " changed"
		}
		if f.RetriedFrom > 0 {
			line += " retried"
		}
		if f.Reread {
			line += " reread"
		}
		if f.Replaces {
			line += " replaces"
		}
		if f.Lost {
			line += " lost"
		}
		list = append(list, line)
	}
	return list
}

// pieces lists the splits of a plan.
func pieces(p *ingest.Plan) (splits [][]ingest.Piece) {
	for _, s := range p.Splits {
		splits = append(splits, s.Pieces)
	}
	return splits
}

func wantPlanned(t *testing.T, d *Draft, skipped int64, want ...string) {
	t.Helper()
	if got := planned(d.Plan); !slices.Equal(got, want) || d.Skipped != skipped {
		t.Errorf("planned %q, skipped %d, want %q and %d", got, d.Skipped, want, skipped)
	}
}

// TestPlanSplits: small files are bundled and large ones cut, where their format allows it, in plan order; what cannot be read is in
// no split.
func TestPlanSplits(t *testing.T) {
	long := strings.Repeat("a line\n", 30) // 210 bytes
	root := write(t, "news", map[string]string{
		"a.lines": "x\n", "b.lines": "y\n", "c.lines": long, "d.txt": long, "e.gz": long, "f.gz": "whole" + long, "g.gz": "bad" + long, "h.bin": "\x00",
		"i.lines": "z\n",
	})
	o := toyOptions(root)
	o.SplitBytes, o.PartitionBytes = 100, 500
	d := mustPlan(t, o, Parent{})
	wantPlanned(t, &d, 0, "news/a.lines", "news/b.lines", "news/c.lines", "news/d.txt", "news/e.gz", "news/f.gz", "news/g.gz", "news/h.bin binary, no text", "news/i.lines")
	want := [][]ingest.Piece{
		{{File: 0, End: 2}, {File: 1, End: 2}},
		{{File: 2, End: 70}},
		{{File: 2, Start: 70, End: 140}},
		{{File: 2, Start: 140, End: 210}},
		{{File: 3, End: 210}},
		{{File: 4, End: 105, To: 210}},
		{{File: 4, Start: 105, End: 210, From: 210}},
		{{File: 5, End: 215}},
		{{File: 6, End: 213}},
		{{File: 8, End: 2}},
	}
	if diff := cmp.Diff(want, pieces(d.Plan)); diff != "" {
		t.Error(diff)
	}
	total := int64(3*2 + 3*210 + 215 + 213) // 1064
	if d.Plan.Partitions != 3 || d.Plan.InputBytes() != total || d.Spill != (total+210+215+213)*3/2 {
		t.Errorf("%d partitions, input of %d, spills of %d", d.Plan.Partitions, d.Plan.InputBytes(), d.Spill)
	}
	if d.Plan.Version != 1 || d.Plan.Parent != 0 || d.Plan.ShardBytes != ShardBytes {
		t.Errorf("version %d on %d with shards of %d", d.Plan.Version, d.Plan.Parent, d.Plan.ShardBytes)
	}
}

// TestPlanBundles: a split holds no more files than it may.
func TestPlanBundles(t *testing.T) {
	p := &ingest.Plan{Files: make([]ingest.File, 2*bundleFiles+1)}
	total, err := cutSplits(t.Context(), p, make([]bool, len(p.Files)), &Options{})
	if err != nil || total != 0 {
		t.Fatal(total, err)
	}
	var sizes []int
	for _, s := range p.Splits {
		sizes = append(sizes, len(s.Pieces))
	}
	if want := []int{bundleFiles, bundleFiles, 1}; !slices.Equal(sizes, want) {
		t.Errorf("splits of %v files, want %v", sizes, want)
	}
}

// TestPlanOrder: sources come by their priority and their names, and the order of the paths leaves no trace.
func TestPlanOrder(t *testing.T) {
	a := write(t, "a", map[string]string{"1.lines": "x", "2.lines": "y"})
	b := write(t, "b", map[string]string{"1.lines": "x", "2.lines": "y"})
	single := filepath.Join(write(t, "c", map[string]string{"3.lines": "z"}), "3.lines")
	o := toyOptions(a, single, b)
	o.Sources = map[string]SourceOrder{"b": {Priority: 1, Descending: true}}
	d := mustPlan(t, o, Parent{})
	wantPlanned(t, &d, 0, "b/2.lines", "b/1.lines", "a/1.lines", "a/2.lines", "files/3.lines")
	o.Paths = []string{b, a, single}
	if again := mustPlan(t, o, Parent{}); again.Sealed.Digest() != d.Sealed.Digest() {
		t.Error("another order of the paths gives another plan")
	}
	o.Paths = []string{b + "/", b, b + "/../b"}
	d = mustPlan(t, o, Parent{})
	wantPlanned(t, &d, 0, "b/2.lines", "b/1.lines")
	o.Paths = []string{filepath.Join(a, "nothing")}
	if _, err := Plan(t.Context(), o, Parent{}); err == nil {
		t.Error("a path that is not there was planned")
	}
}

// TestPlanExcludes: the corpus is never its own input.
func TestPlanExcludes(t *testing.T) {
	root := write(t, "news", map[string]string{"a.lines": "x", "out/data/1.lines": "y", "outer.lines": "z"})
	o := toyOptions(root)
	o.Exclude = filepath.Join(root, "out")
	d := mustPlan(t, o, Parent{})
	wantPlanned(t, &d, 0, "news/a.lines", "news/outer.lines")
}

// TestPlanKnown: what a version, or the run before, has read as it is is not read again; what is told of the others is what became
// of them.
func TestPlanKnown(t *testing.T) {
	root := write(t, "news", map[string]string{"a.lines": "x", "b.lines": "y", "c.lines": "z", "d.bin": "\x00"})
	o := toyOptions(root)
	first := mustPlan(t, o, Parent{})
	known := hold(t, first.Plan)
	parent := Parent{Version: 3, Live: []int{1, 3}, Known: known, Moved: func(int) bool { return false }}

	d := mustPlan(t, o, parent)
	wantPlanned(t, &d, 4)
	if d.Plan.Version != 4 || d.Plan.Parent != 3 || !slices.Equal(d.Plan.Live, parent.Live) || len(d.Plan.Sources) > 0 || len(d.Plan.Splits) > 0 {
		t.Errorf("%+v", d.Plan)
	}

	rewrite(t, filepath.Join(root, "b.lines"), "longer", time.Now().Add(-time.Hour))
	rewrite(t, filepath.Join(root, "e.lines"), "new", time.Now().Add(-time.Hour))
	d = mustPlan(t, o, parent)
	wantPlanned(t, &d, 3, "news/b.lines changed", "news/e.lines")

	o.Begun = d.Plan // as the run before has read them
	rewrite(t, filepath.Join(root, "e.lines"), "newer", time.Now().Add(-time.Hour))
	d = mustPlan(t, o, parent)
	wantPlanned(t, &d, 4, "news/e.lines")
}

// TestPlanRetries: files of which something was rejected are taken again if that is asked for, wholly if they may be read otherwise.
func TestPlanRetries(t *testing.T) {
	root := write(t, "news", map[string]string{"a.lines": "x", "b.lines": "y", "c.lines": "z"})
	o := toyOptions(root)
	known := hold(t, mustPlan(t, o, Parent{}).Plan)
	known.change("b.lines", func(f *earlierFile) { f.rejects, f.from = 2, 1 })
	known.change("c.lines", func(f *earlierFile) { f.rejects, f.from = 1, 2 })
	parent := Parent{Version: 2, Known: known, Moved: func(version int) bool { return version == 2 }}
	d := mustPlan(t, o, parent)
	wantPlanned(t, &d, 3)
	for _, byContent := range []bool{false, true} {
		o.RetryRejected, o.ByContent = true, byContent
		d = mustPlan(t, o, parent)
		wantPlanned(t, &d, 1, "news/b.lines retried", "news/c.lines retried reread")
		if d.Plan.Files[0].Retried != 2 || d.Plan.Files[1].Retried != 1 {
			t.Errorf("rejects of %+v", d.Plan.Files)
		}
	}
	// One that is eligible again by itself is read as it was.
	o.RetryRejected, o.ByContent = false, false
	known.change("b.lines", func(f *earlierFile) { f.as = ingest.ReasonDead })
	d = mustPlan(t, o, parent)
	wantPlanned(t, &d, 2, "news/b.lines")
	if d.Plan.Files[0].Retried != 2 {
		t.Errorf("rejects of %+v", d.Plan.Files[0])
	}
}

// TestPlanByContent: files that were copied are known by what they hold.
func TestPlanByContent(t *testing.T) {
	root := write(t, "news", map[string]string{"a.lines": "x", "b.lines": "y"})
	o := toyOptions(root)
	parent := Parent{Version: 1, Known: hold(t, mustPlan(t, o, Parent{}).Plan)}
	now := time.Now().Add(-time.Minute)
	rewrite(t, filepath.Join(root, "a.lines"), "x", now)
	rewrite(t, filepath.Join(root, "b.lines"), "z", now)
	d := mustPlan(t, o, parent)
	wantPlanned(t, &d, 0, "news/a.lines changed", "news/b.lines changed")
	o.ByContent = true
	d = mustPlan(t, o, parent)
	wantPlanned(t, &d, 1, "news/b.lines changed")
	if len(d.Plan.Files[0].Content) != 32 {
		t.Errorf("content %q", d.Plan.Files[0].Content)
	}
	d = mustPlan(t, o, Parent{})
	wantPlanned(t, &d, 0, "news/a.lines", "news/b.lines")
}

// TestPlanTold: a file that still cannot be read for the reason that a version has told makes no version of its own.
func TestPlanTold(t *testing.T) {
	root := write(t, "news", map[string]string{"a.lines": "x"})
	if err := os.Symlink("nowhere", filepath.Join(root, "link.lines")); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	o := toyOptions(root)
	o.Log = zerolog.New(&log)
	first := mustPlan(t, o, Parent{})
	if first.Plan.Files[1].Reject == "" {
		t.Fatalf("planned %q", planned(first.Plan))
	}
	known := hold(t, first.Plan)
	known.change("link.lines", func(f *earlierFile) { f.as = first.Plan.Files[1].Reject })
	log.Reset()
	d := mustPlan(t, o, Parent{Version: 1, Known: known})
	wantPlanned(t, &d, 2)
	if !strings.Contains(log.String(), "still cannot be read") || !strings.Contains(log.String(), `"files":1`) {
		t.Errorf("told %s", &log)
	}
	known.change("link.lines", func(f *earlierFile) { f.as = "another reason" })
	if d := mustPlan(t, o, Parent{Version: 1, Known: known}); len(d.Plan.Files) != 1 || d.Plan.Files[0].Path != "link.lines" {
		t.Errorf("planned %q", planned(d.Plan))
	}
}

// TestPlanRoots: files of sources that are known by name may be on their way still.
func TestPlanRoots(t *testing.T) {
	root := write(t, "news", map[string]string{"a.lines": "x", "b.lines": "y", "c.lines": "z"})
	o := toyOptions()
	o.Roots = []Root{{Name: "daily", Root: root, Scan: true, Exclude: []string{"c.*"}}}
	d := mustPlan(t, o, Parent{})
	wantPlanned(t, &d, 0, "daily/a.lines", "daily/b.lines")
	o.Roots[0].Include = []string{"["}
	if _, err := Plan(t.Context(), o, Parent{}); !errors.Is(err, pipeline.ErrUsage) {
		t.Errorf("a pattern that is none: %v", err)
	}
	o.Roots = []Root{{Name: "daily", Root: filepath.Join(root, "gone"), Scan: true}}
	if _, err := Plan(t.Context(), o, Parent{}); err == nil || !strings.Contains(err.Error(), "source daily") {
		t.Errorf("a source that is not there: %v", err)
	}
}

// TestPlanTooLarge: files that would mostly be rejected for their size stop the plan.
func TestPlanTooLarge(t *testing.T) {
	o := toyOptions(write(t, "news", map[string]string{"a.txt": strings.Repeat("x", 100), "b.lines": "y"}))
	o.MaxDocumentBytes = 50
	_, err := Plan(t.Context(), o, Parent{})
	if !errors.Is(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), "100 of 101 bytes") {
		t.Errorf("error: %v", err)
	}
}

// TestPlanDetects: a file whose first bytes say too little is asked for more.
func TestPlanDetects(t *testing.T) {
	o := toyOptions(write(t, "news", map[string]string{
		"a.lines": "?" + strings.Repeat("x", headBytes) + "y", "b.lines": "?" + strings.Repeat("x", 2*maxHeadBytes) + "y", "c.lines": "?y", "d.lines": "?" + strings.Repeat("x", headBytes) + "z",
	}))
	var got []string
	for _, f := range mustPlan(t, o, Parent{}).Plan.Files {
		got = append(got, f.Encoding)
	}
	if want := []string{"seen y", "seen x", "seen y", "seen z"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestPlanStops: an interrupted plan is an error.
func TestPlanStops(t *testing.T) {
	o := toyOptions(write(t, "news", map[string]string{"a.lines": "x"}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Plan(ctx, o, Parent{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error: %v", err)
	}
}

// TestBeside: files that came after a plan are counted, as far as no version holds them.
func TestBeside(t *testing.T) {
	root := write(t, "news", map[string]string{"a.lines": "x", "b.lines": "y", "c.lines": "z"})
	o := toyOptions(root)
	all := mustPlan(t, o, Parent{})
	plan := *all.Plan
	plan.Files = plan.Files[:1]
	known := hold(t, all.Plan)
	known.change("c.lines", func(f *earlierFile) { f.bytes++ })
	known.change("b.lines", func(f *earlierFile) { f.rejects = 1 })
	for _, c := range []struct {
		retry  bool
		parent Parent
		want   int64
	}{{false, Parent{}, 2}, {false, Parent{Known: known}, 1}, {true, Parent{Known: known}, 2}} {
		o.RetryRejected = c.retry
		found, err := List(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if got := found.Beside(&plan, c.parent); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
		if got := found.RootsOf("news"); !slices.Equal(got, []string{root}) || found.RootsOf("archive") != nil {
			t.Errorf("roots %q", got)
		}
	}
}

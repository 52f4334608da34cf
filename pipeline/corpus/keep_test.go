package corpus_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// testClock is the time, and what machines take for it.
type testClock struct {
	now  time.Time
	made map[int]time.Time // when each version came to be
}

func newClock() *testClock {
	return &testClock{time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), map[int]time.Time{}}
}

func (c *testClock) goOn(r *rand.Rand) { c.now = c.now.Add(time.Duration(1+r.IntN(20)) * time.Hour) }

// says is what a manifest tells of the time: now and then nonsense, or what a clock shows that is fast.
func (c *testClock) says(r *rand.Rand) string {
	switch r.IntN(6) {
	case 0:
		return []string{"", "yesterday", "2026-11-31T00:00:00Z"}[r.IntN(3)]
	case 1:
		return c.now.Add(time.Duration(r.IntN(20000)) * time.Hour).Format(time.RFC3339)
	}
	return c.now.Format(time.RFC3339)
}

// committed notes when a version came to be, at the first call with it.
func (c *testClock) committed(version int) {
	if _, ok := c.made[version]; !ok {
		c.made[version] = c.now
	}
}

// whole says whether all files are there that the corpus was made of at the last manifest of a list.
func whole(t *testing.T, c *corpus.Corpus, list []*manifest.Manifest) bool {
	t.Helper()
	v := manifest.ViewOf(list)
	sizes, err := c.Sizes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return len(v.Made) == len(v.Newest.Live) && !slices.ContainsFunc(v.Files(), func(f dataset.File) bool { return sizes[f.Path] != f.Bytes })
}

// reach returns the live versions that can be dropped, found out the slow way.
func reach(t *testing.T, c *corpus.Corpus) (versions []int) {
	t.Helper()
	list, err := c.Versions(t.Context())
	if err != nil || len(list) == 0 {
		t.Fatal(len(list), err)
	}
	live := list[len(list)-1].Live
	for at, version := range live {
		last := 0
		if at > 0 {
			last = 1 + slices.IndexFunc(list, func(m *manifest.Manifest) bool { return m.Version == live[at-1] })
		}
		if at == 0 || whole(t, c, list[:last]) {
			versions = append(versions, version)
		}
	}
	return versions
}

// checkGC does a GC, and insists that it tells before what can be dropped afterwards, and that it leaves whatever was asked for.
func checkGC(t *testing.T, c *corpus.Corpus, in corpus.GCInput, clock *testClock) {
	t.Helper()
	before, err := c.Versions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	there := map[int]bool{}
	for i, m := range before {
		there[m.Version] = whole(t, c, before[:i+1])
	}
	could := reach(t, c)
	told := false
	in.Tell = func(*corpus.GCReport) error {
		told = true
		if diff := cmp.Diff(could, reach(t, c)); diff != "" {
			t.Errorf("it had begun when it told of it:\n%s", diff)
		}
		return nil
	}
	report, err := c.GC(t.Context(), in)
	if err != nil || !told {
		t.Fatal(told, err)
	}
	can := reach(t, c)
	lost := slices.DeleteFunc(slices.Clone(could), func(version int) bool { return slices.Contains(can, version) })
	if diff := cmp.Diff([][]int{can, lost}, [][]int{report.Droppable, report.Lost}, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%+v: what can be dropped, and what not any more (-found +told):\n%s", in, diff)
	}
	after, err := c.Versions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range before {
		asked := in.Keep == 0 && in.KeepFor == 0 || len(before)-i <= in.Keep || i == len(before)-1
		if in.KeepFor > 0 && i < len(before)-1 { // it was the newest until the next one came
			asked = asked || !clock.made[before[i+1].Version].Before(in.Now.Add(-in.KeepFor))
		}
		at := slices.IndexFunc(after, func(one *manifest.Manifest) bool { return one.Version == m.Version })
		if asked && there[m.Version] && (at < 0 || !whole(t, c, after[:at+1])) {
			t.Errorf("gc --keep %d --keep-for %v: version %d is gone", in.Keep, in.KeepFor, m.Version)
		}
	}
}

// By age, versions are kept that were the newest at some time of it. Clocks that were wrong keep more than that, and never less.
func TestKeepFor(t *testing.T) {
	pipelinetest.Long(t)
	const day = 24 * time.Hour
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name string
		days string // that each version was made before now
		keep int
		age  time.Duration
		want int // the oldest that is kept
	}{
		{"neither", "90 60 30 1", 0, 0, 1},
		{"by number", "90 60 30 1", 2, 0, 3},
		{"one has been the newest for all the time", "90 60 30 1", 0, 10 * day, 3},
		{"the newest has been", "90 60 30 20", 0, 10 * day, 4},
		{"all are younger", "9 6 3 1", 0, 10 * day, 1},
		{"by number, and by age", "90 60 30 1", 3, 10 * day, 2},
		{"by age, and by number", "90 60 30 1", 1, 40 * day, 2},
		{"more than there are", "90 60 30 1", 9, 10 * day, 1},
		{"less than a second", "90 60 30 1", 0, time.Nanosecond, 4},
		{"longer than time", "90 60 30 1", 0, 1<<63 - 1, 1},
		{"no time is told", "90 60 x 1", 0, 10 * day, 2},
		{"none at all", "x x x x", 0, 10 * day, 1},
		{"a clock was fast", "90 60 -400 1", 0, 10 * day, 2},
		{"the first clock was fast", "-400 60 30 1", 0, 10 * day, 3},
		{"a clock was slow", "90 5 5000 1", 0, 10 * day, 1},
		{"a slow one, but what came after it is old", "90 50 5000 30 1", 0, 10 * day, 4},
		{"all clocks were fast", "-1 -2 -3 -4", 0, 10 * day, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			local := corpustest.NewStore(t)
			c := corpus.Open(local, corpustest.Tables)
			for ago := range strings.FieldsSeq(test.days) {
				run := corpustest.MakeRun(t, local, []corpustest.File{{Path: ago, Changed: true, Docs: []corpustest.Doc{{Text: "夜" + ago}}}}, corpustest.Sabotage{})
				run.Started = "?"
				if days, err := strconv.Atoi(ago); err == nil {
					run.Started = now.AddDate(0, 0, -days).Format(time.RFC3339)
				}
				run.MustCommit(t)
			}
			report, err := c.GC(t.Context(), corpus.GCInput{Keep: test.keep, KeepFor: test.age, Now: now})
			if err != nil || report.Oldest != test.want {
				t.Errorf("the oldest is %+v, %v, want %d", report, err, test.want)
			}
			corpustest.Verified(t, c)
		})
	}
}

// Behind a drop, the state before a version is known by the live versions, also where the manifests between them were freed.
func TestDropBehindFreedManifests(t *testing.T) {
	local := corpustest.NewStore(t)
	c := corpus.Open(local, corpustest.Tables)
	night := func(name string) {
		t.Helper()
		corpustest.MakeRun(t, local, []corpustest.File{{Path: name, Docs: []corpustest.Doc{{Text: "第" + name + "夜"}}}}, corpustest.Sabotage{}).MustCommit(t)
	}
	drop := func(version int, live ...int) {
		t.Helper()
		m, err := c.Drop(t.Context(), corpus.DropInput{Version: version})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(live, m.Live, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
		corpustest.Verified(t, c)
	}
	free := func() {
		t.Helper()
		if report, err := c.GC(t.Context(), corpus.GCInput{Keep: 1}); err != nil || len(report.Lost) > 0 {
			t.Fatalf("%+v, %v", report, err)
		}
	}
	night("1")
	drop(1)
	night("3")
	night("4")
	drop(4, 3)
	night("6")
	free() // 1, 2, 4, 5
	if list, err := c.Versions(t.Context()); err != nil || len(list) != 2 {
		t.Fatalf("%d manifests, %v", len(list), err)
	}
	drop(6, 3)
	free()
	drop(3)
	free()
	night("9")
	drop(9)
}

// What a compaction costs once its small shards are freed is told when it is made, and by the error of a drop that needs them.
func TestLostOnceFreed(t *testing.T) {
	local := corpustest.NewStore(t)
	c := corpus.Open(local, corpustest.Tables)
	for _, name := range []string{"1", "2", "3"} {
		corpustest.MakeRun(t, local, []corpustest.File{{Path: name, Docs: []corpustest.Doc{{Text: "第" + name + "夜"}}}}, corpustest.Sabotage{}).MustCommit(t)
	}
	m, err := corpustest.Compact(t.Context(), c, corpustest.SmallShards)
	if err != nil {
		t.Fatal(err)
	}
	lost, err := c.LostOnceFreed(t.Context(), m)
	if diff := cmp.Diff([]int{2, 3, 4}, lost); diff != "" || err != nil {
		t.Error(err, diff)
	}
	report, err := c.GC(t.Context(), corpus.GCInput{Keep: 1, DryRun: true})
	if diff := cmp.Diff(lost, report.Lost); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if report, err = c.GC(t.Context(), corpus.GCInput{Keep: 1}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1}, report.Droppable); diff != "" {
		t.Error(diff)
	}
	_, err = c.Drop(t.Context(), corpus.DropInput{Version: 3, Later: true})
	if err == nil || !strings.Contains(err.Error(), "is missing") || pipeline.Hint(err) != "what can be dropped, each with all behind it: versions 1" {
		t.Errorf("%v, hint %q", err, pipeline.Hint(err))
	}
	if lost, err = c.LostOnceFreed(t.Context(), m); len(lost) > 0 || err != nil {
		t.Errorf("lost for the second time: %v, %v", lost, err)
	}
}

package corpus_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/store"
)

// manyNights has runs of hundreds of documents.
func manyNights(t *testing.T, c *corpus.Corpus, local *store.Local, nights int) {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 6))
	for n := range nights {
		f := corpustest.File{Path: fmt.Sprintf("%d/%d.jsonl", nights, n)}
		for i := range 200 + r.IntN(300) {
			f.Docs = append(f.Docs, corpustest.Doc{Text: fmt.Sprintf("第%d夜第%d篇%s", n, i, strings.Repeat("文", 10+r.IntN(60)))})
		}
		corpustest.MakeRunIn(t, local, c, []corpustest.File{f}, corpustest.Sabotage{}).MustCommit(t)
	}
}

// Shards are cut anywhere between documents, about equal in text; what is full-sized stays, and a compaction is compacted.
func TestCompactCuts(t *testing.T) {
	local := corpustest.NewStore(t)
	c := corpus.Open(local, corpustest.Tables)
	manyNights(t, c, local, 5)
	before := keptNow(t, c)
	in := corpustest.CompactInput{ShardBytes: 110_000, Table: columnar.TableOptions{Level: 1, GroupBytes: 64 << 10, Parallel: 2}}
	m, err := corpustest.Compact(t.Context(), c, in)
	if err != nil {
		t.Fatal(err)
	}
	if m == nil || len(m.Files) < 2 || len(m.Files) > 4 {
		t.Fatalf("manifest %+v", m)
	}
	rows := m.Files[0].Rows
	for _, f := range m.Files {
		if f.Rows < rows/2 || f.Rows > 2*rows {
			t.Errorf("shards of %d and %d rows", rows, f.Rows)
		}
	}
	if !maps.Equal(keptNow(t, c), before) {
		t.Error("other documents")
	}
	corpustest.Verified(t, c)
	if again, err := corpustest.Compact(t.Context(), c, in); again != nil || err != nil {
		t.Errorf("twice: %+v, %v", again, err)
	}

	manyNights(t, c, local, 1)
	in.ShardBytes = 1 << 20
	second, err := corpustest.Compact(t.Context(), c, in)
	if err != nil || len(second.Files) != 1 || len(second.Compacts) != 6 {
		t.Fatalf("a compaction of a compaction: %+v, %v", second, err)
	}
	corpustest.Verified(t, c)
	if _, err := c.GC(t.Context(), corpus.GCInput{Keep: 1}); err != nil {
		t.Fatal(err)
	}
	corpustest.Verified(t, c)
	places, err := local.List(t.Context(), pipeline.DataFolder)
	if err != nil || len(places) != 1 {
		t.Errorf("left are %v, %v", places, err)
	}
}

// The same shards give the same bytes, and a store that cannot move folders gets them as well.
func TestCompactWithoutMoves(t *testing.T) {
	digests := map[string]bool{}
	for _, moves := range []bool{true, true, false} {
		local := corpustest.NewStore(t)
		c := corpus.Open(local, corpustest.Tables)
		if !moves {
			c = corpus.Open(struct{ pipeline.Store }{local}, corpustest.Tables)
		}
		manyNights(t, c, local, 3)
		in := corpustest.CompactInput{ShardBytes: 1 << 20}
		if !moves { // what a crash left in place goes, and is made again
			if dead, err := crashing("commit:placed", 1, func(crash func(string)) error {
				in.Crash = crash
				_, err := corpustest.Compact(t.Context(), c, in)
				return err
			}); !dead {
				t.Fatalf("no crash, %v", err)
			}
			if err := c.Recover(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			corpustest.Verified(t, c)
			in.Crash = nil
		}
		m, err := corpustest.Compact(t.Context(), c, in)
		if err != nil {
			t.Fatal(err)
		}
		digests[m.Digest] = true
		corpustest.Verified(t, c)
	}
	if len(digests) != 1 {
		t.Errorf("digests %v", slices.Collect(maps.Keys(digests)))
	}
}

// What a compaction holds of a run must be what the run held: nothing is committed if it is not.
func TestCompactChecksWhatItWrote(t *testing.T) {
	local, _ := corpustest.TwoNights(t)
	corpustest.ChangeManifest(t, local, 1, func(m *manifest.Manifest) { m.KeptIDs = strings.Repeat("0", 32) })
	c := corpus.Open(local, corpustest.Tables) // the one that made the runs knows the manifest as it was
	if _, err := corpustest.Compact(t.Context(), c, corpustest.CompactInput{ShardBytes: 1 << 20}); err == nil || !strings.Contains(err.Error(), "version 1 has 4 documents") {
		t.Errorf("other ids: %v", err)
	}
	if m, err := c.Newest(t.Context()); err != nil || m.Version != 2 {
		t.Errorf("%+v, %v", m, err)
	}
}

// An unfinished run keeps what it has built, unless it is given up; a dry run removes nothing.
func TestGCLeavesALiveRun(t *testing.T) {
	local, c := corpustest.TwoNights(t)
	next := corpustest.MakeRun(t, local, corpustest.FirstNight()[:1], corpustest.Sabotage{Data: `{"threshold":0.9}`})
	built := corpus.StagingOf(next.Job.Plan) + "/vocab/000003/chars.parquet"
	orphan := "data/000009-00000000/train-00000-of-00001.parquet"
	if err := pipeline.WriteAll(t.Context(), local, orphan, []byte("x")); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		in    corpus.GCInput
		freed int
		built bool
		stray bool
	}{
		{corpus.GCInput{Keep: 1, DryRun: true}, 2, true, true},
		{corpus.GCInput{Keep: 1, LivePlan: next.Job.Plan}, 1, true, false},
		{corpus.GCInput{Keep: 1}, 1, false, false},
		{corpus.GCInput{}, 0, false, false},
	} {
		report, err := c.GC(t.Context(), step.in)
		if err != nil || len(report.Freed) != step.freed {
			t.Errorf("%+v: %+v, %v", step.in, report, err)
		}
		for name, want := range map[string]bool{built: step.built, orphan: step.stray} {
			if ok, err := exists(t.Context(), local, name); ok != want || err != nil {
				t.Errorf("%s: %v, %v", name, ok, err)
			}
		}
	}
	corpustest.Verified(t, c)
}

// A compaction with larger shards takes in what stayed between those of an earlier one: its rows are in the order of what it read, and
// what the plan of a run says of them as well.
func TestCompactAround(t *testing.T) {
	local := corpustest.NewStore(t)
	c := corpus.Open(local, corpustest.Tables)
	for n, docs := range []int{20, 300, 200, 10} {
		f := corpustest.File{Path: fmt.Sprintf("%d.jsonl", n)}
		for i := range docs {
			f.Docs = append(f.Docs, corpustest.Doc{Text: fmt.Sprintf("第%d夜第%d篇", n, i)})
		}
		corpustest.MakeRunIn(t, local, c, []corpustest.File{f}, corpustest.Sabotage{}).MustCommit(t)
	}
	before := keptNow(t, c)
	for _, want := range []struct {
		shardBytes int64
		compacts   []int
	}{{4000, []int{1, 4}}, {1 << 20, []int{1, 2, 3, 4}}} {
		m, err := corpustest.Compact(t.Context(), c, corpustest.CompactInput{ShardBytes: want.shardBytes, Table: columnar.TableOptions{Level: 1, GroupBytes: 64 << 10}})
		if err != nil || m == nil || !slices.Equal(m.Compacts, want.compacts) {
			t.Fatalf("%+v, %v, want %v", m, err, want.compacts)
		}
		if !maps.Equal(keptNow(t, c), before) {
			t.Error("other documents")
		}
		corpustest.Verified(t, c)
	}
}

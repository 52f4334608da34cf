package dedupe

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// pages are texts of one template: so many characters are those of all, and so many, in one piece, of the page alone.
func pages(r *rand.Rand, n, shared, own int) []string {
	template := []rune(chinese(r, shared))
	list := make([]string, n)
	for i := range list {
		text := make([]rune, own)
		for k := range text {
			text[k] = rune(0x4E00 + r.IntN(20000))
		}
		list[i] = string(template[:shared/2]) + string(text) + string(template[shared/2:])
	}
	return list
}

// greedy is keep-first by the exact resemblance of all pairs, whether they share a key or not.
func greedy(cfg Config, earlier, documents []string) []bool {
	r := reference{cfg: cfg, version: 1}
	kept := r.sketch(earlier)
	stays := make([]bool, len(documents))
	for i, d := range r.sketch(documents) {
		if stays[i] = !slices.ContainsFunc(kept, func(e known) bool { kind, _ := r.resembles(d, e); return kind != 0 }); stays[i] {
			kept = append(kept, d)
		}
	}
	return stays
}

// Pages of one template go if, and only if, they resemble a page that stays: on either side of the threshold, and near it.
func TestFamiliesAreExact(t *testing.T) {
	for _, tt := range []struct {
		threshold                float64
		pages, shared, own, kept int
	}{
		{.75, 400, 300, 60, 400}, // J .695
		{.75, 400, 300, 50, 400}, // .730
		{.75, 400, 300, 40, 1},   // .768
		{.75, 60, 3000, 600, 60}, // .711
		{.75, 40, 3000, 480, 1},  // .757
		{.5, 100, 200, 100, 100}, // .480
		{.5, 100, 200, 90, 1},    // .505
		{.9, 100, 1000, 56, 100}, // .892
		{.9, 100, 1000, 50, 1},   // .902
		{1, 60, 3000, 5, 60},     // .994
	} {
		t.Run(fmt.Sprintf("%g,%d+%d", tt.threshold, tt.shared, tt.own), func(t *testing.T) {
			if testing.Short() && tt.shared > 300 {
				t.Skip("skip: long pages")
			}
			if pipelinetest.Race && tt.pages > 100 { // all pairs are compared
				tt.pages, tt.kept = tt.pages/4, (tt.kept+3)/4
			}
			r := rand.New(rand.NewPCG(50, 51))
			cfg := Default()
			cfg.Threshold = tt.threshold
			list := pages(r, tt.pages, tt.shared, tt.own)
			want := greedy(cfg, nil, list)
			for i, partitions := range []int{1, 5} {
				c := newCorpus(cfg)
				out := c.run(t, partitions, cut(r, list, 1+3*i)...)
				if d := cmp.Diff(want, out.kept); d != "" || out.overflow != 0 {
					t.Errorf("%d partitions, overflow %d: %s", partitions, out.overflow, d)
				}
				if n := out.resolve.Counters["kept"]; n != int64(tt.kept) {
					t.Errorf("%d pages stay, want %d", n, tt.kept)
				}
			}
		})
	}
}

// Families whose pages differ by more or less: some resemble one that stays and most of the others do not.
func TestMixedFamiliesAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		cfg := testConfig() // no cap on the earlier versions' side
		cfg.GroupCap = rapid.IntRange(1, 20).Draw(t, "cap")
		var list []string
		for range 3 {
			for _, p := range pages(r, 25, 200, 30) {
				list = append(list, p, substitute(r, p, 1+r.IntN(6)), substitute(r, p, r.IntN(10)))
			}
		}
		r.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
		c, ref := newCorpus(cfg), reference{cfg: cfg}
		out := c.run(t, rapid.IntRange(1, 4).Draw(t, "partitions"), cut(r, list, 3)...)
		ref.check(t, list, out)
		if out.overflow != 0 {
			t.Fatalf("overflow %d", out.overflow)
		}
		// Which keys lie in one partition changes nothing, who wins neither.
		again := newCorpus(cfg).run(t, rapid.IntRange(5, 9).Draw(t, "other partitions"), cut(r, list, 2)...)
		if d := cmp.Diff(out.verdicts, again.verdicts); d != "" {
			t.Fatal(d)
		}
	})
}

// A family that is spread over nights, compacted or not, keeps what it keeps in one.
func TestFamiliesAcrossNights(t *testing.T) {
	r := rand.New(rand.NewPCG(52, 53))
	var list []string
	for _, own := range []int{60, 40} {
		for _, p := range pages(r, 60, 300, own) {
			list = append(list, p, substitute(r, p, r.IntN(6)))
		}
	}
	r.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	want := newCorpus(testConfig()).run(t, 3, list).kept
	for _, compact := range []bool{false, true} {
		c, ref := newCorpus(testConfig()), reference{cfg: testConfig()}
		c.compact = compact
		var kept []bool
		for night := range slices.Chunk(list, 70) {
			out := c.run(t, 2, night)
			ref.check(t, night, out)
			kept = append(kept, out.kept...)
		}
		if d := cmp.Diff(want, kept); d != "" {
			t.Errorf("compacted %v: %s", compact, d)
		}
	}
}

// Where the texts of a version cannot be read, which has no Parquet shards, the estimate decides.
func TestWithoutTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(54, 55))
	list := pages(r, 2, 300, 36) // J .783
	c := newCorpus(Default())
	c.run(t, 1, list[:1])
	c.history[0].Texts = nil
	out := c.run(t, 1, list[1:])
	if len(out.verdicts) != 1 || out.verdicts[0].Kind != ingest.KindNear || ingest.ExactScore(out.verdicts[0].Score) {
		t.Errorf("%+v", out.verdicts)
	}
}

// The score says whether it is an estimate.
func TestScores(t *testing.T) {
	r := rand.New(rand.NewPCG(56, 57))
	a := pages(r, 2, 300, 36)
	b := chinese(r, 500)
	out := newCorpus(Default()).run(t, 1, append(a, b, substitute(r, b, 1)))
	if len(out.verdicts) != 2 {
		t.Fatalf("%+v", out.verdicts)
	}
	// 296 shingles in all, 292 of them in common.
	if s := out.verdicts[0].Score; s != 1_000_000*292/(2*332-292) {
		t.Errorf("score %d of two pages", s)
	}
	if s := out.verdicts[1].Score; ingest.ExactScore(s) || s < 230 {
		t.Errorf("score %d of a text with one other character", s)
	}
}

// A family that is full compares less, and that is counted.
func TestFullFamiliesAreCounted(t *testing.T) {
	r := rand.New(rand.NewPCG(58, 59))
	cfg := Default()
	cfg.MaxComparisons = 30
	list := pages(r, 100, 300, 60)
	if out := newCorpus(cfg).run(t, 2, list); out.overflow < 50 || slices.Contains(out.kept, false) {
		t.Errorf("overflow %d, kept %v", out.overflow, out.kept)
	}
}

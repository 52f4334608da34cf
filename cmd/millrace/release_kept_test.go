package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/jobs/release"
	"github.com/millrace/millrace/pipeline/jobs/remove"
)

// TestReleaseOfVersion: the same recipe on the same version gives the same release whatever the corpus came to since, as long as it has what it had then;
// then it says what is missing.
func TestReleaseOfVersion(t *testing.T) {
	inTurn(t)
	t.Parallel()
	out, in := filepath.Join(t.TempDir(), "out"), filepath.Join(t.TempDir(), "in")
	writeReleaseInput(t, in, 94, 60)
	job(t, releaseCorpusOptions(t, out, in))
	text := releaseRecipes["texts"]
	o, p := releaseJob(t, out, "first", text)
	releasedBy(t, o, p)
	want := releaseManifest(t, p.Out)

	writeReleaseInput(t, in, 95, 40)
	job(t, releaseCorpusOptions(t, out, in))
	removed(t, signalOptions(t, nil, out), remove.Params{Selection: remove.Selection{Where: "chars % 4 == 1"}})
	compacted(t, out, nil)
	o, p = releaseJob(t, out, "newest", text)
	releasedBy(t, o, p)
	if m := releaseManifest(t, p.Out); m.Corpus.Version == 1 || m.Digest == want.Digest || m.Totals.Documents == want.Totals.Documents {
		t.Errorf("the newest version is no other: %+v", m.Corpus)
	}
	o, p = releaseJob(t, out, "again", text)
	p.Recipe.Version = 1
	releasedBy(t, o, p)
	if m := releaseManifest(t, p.Out); m.Checksum != want.Checksum {
		t.Errorf("of version 1 the digest is %s, it was %s", m.Digest, want.Digest)
	}

	maintain(t, out, func(ctx context.Context, c *corpus.Corpus) error {
		_, err := c.GC(ctx, corpus.GCInput{KeepFor: time.Nanosecond, Now: time.Now().Add(time.Hour)})
		return err
	})
	o, p = releaseJob(t, out, "late", text)
	p.Recipe.Version = 1
	_, err := release.Run(t.Context(), o.Engine(), p)
	if !pipeline.IsOneOf(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), "of version 1 some was freed: data/") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(p.Out); err == nil {
		t.Error("there is a release")
	}
}

// TestReleaseGrows: more of a budget has all documents that less of it had, each at least as often.
func TestReleaseGrows(t *testing.T) {
	inTurn(t)
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	releaseCorpus(t, out)
	for unit, budgets := range map[string][]int{"documents": {1, 20, 70, 150, 300}, "chars": {100, 9000, 20000, 30000, 70000}} {
		before := map[string]releasedRow{}
		for _, n := range budgets {
			o, p := releaseJob(t, out, unit+strconv.Itoa(n), fmt.Sprintf("{mix: {by: source, %s: %d, repeat_at_most: 9}, split: {validation: 0.1}, write: [format: jsonl]}", unit, n))
			releasedBy(t, o, p)
			now := map[string]releasedRow{}
			for _, r := range readRows[releasedRow](t, filepath.Join(p.Out, "released/*.parquet")) {
				now[r.ID] = r
			}
			for id, r := range before {
				if is := now[id]; is.Copies < r.Copies || is.Split != r.Split {
					t.Errorf("%d %s: document %s is there %d times in %s, of less %d times in %s", n, unit, id, is.Copies, is.Split, r.Copies, r.Split)
				}
			}
			if len(now) < len(before) || len(now) == 0 {
				t.Errorf("%d %s: %d documents", n, unit, len(now))
			}
			m := releaseManifest(t, p.Out)
			checkTargets(t, now, live(t, out), &m, 600)
			before = now
		}
	}
}

// TestReleaseFrozen: documents of an earlier release stay where that has them, and no others go by it.
func TestReleaseFrozen(t *testing.T) {
	inTurn(t)
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	releaseCorpus(t, out)
	sides := func(at string) map[string]string {
		of := map[string]string{}
		for _, r := range readRows[releasedRow](t, filepath.Join(at, "released/*.parquet")) {
			of[r.ID] = r.Split
		}
		return of
	}
	o, p := releaseJob(t, out, "first", "{select: ['chars % 2 == 0'], split: {validation: 0.3}, write: [format: jsonl]}")
	releasedBy(t, o, p)
	was := sides(p.Out)
	o, p = releaseJob(t, out, "next", "{split: {test: 0.3, validation: 0.2, frozen: "+p.Out+"}, write: [format: jsonl]}")
	releasedBy(t, o, p)
	is := sides(p.Out)
	counts := map[string]int{}
	for id, side := range is {
		if before, ok := was[id]; ok {
			if side != before {
				t.Errorf("document %s is in %s, it was in %s", id, side, before)
			}
			continue
		}
		counts[side]++
	}
	if len(is) <= len(was) || counts["test"] == 0 || counts["validation"] == 0 || counts["train"] == 0 {
		t.Errorf("new documents are in %v", counts)
	}
	o, p = releaseJob(t, out, "less", "{split: {test: 0.3, frozen: "+p.Out+"}, write: [format: jsonl]}")
	if _, err := release.Run(t.Context(), o.Engine(), p); !pipeline.IsOneOf(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), "has a split validation") {
		t.Errorf("%v", err)
	}
}

// TestReleaseShuffled: documents stand in a shuffle as if drawn, held against where their sources stand and what stands beside them; in the order of the corpus
// they do not. Bounds are of a chance below one in a million, and the documents are always the same.
func TestReleaseShuffled(t *testing.T) {
	inTurn(t)
	t.Parallel()
	in, out := filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "out")
	writeReleaseInput(t, in, 96, 900)
	job(t, releaseCorpusOptions(t, out, in))
	orders := map[string][]string{}
	for _, order := range []string{"{shuffle: 0}", "{shuffle: 1}", "corpus"} {
		o, p := releaseJob(t, out, "release"+strconv.Itoa(len(orders)), "{order: "+order+", write: [{format: parquet, columns: [id, source]}], shards: {number: 3}}")
		releasedBy(t, o, p)
		var deciles, pairs [10][3]float64
		var ids []string
		list := readRows[row](t, filepath.Join(p.Out, "parquet/*.parquet"))
		source := func(i int) int { return slices.Index([]string{"laws", "news", "web"}, list[i].Source) }
		for i, r := range list {
			ids = append(ids, r.ID)
			deciles[i*10/len(list)][source(i)]++
			if i > 0 {
				pairs[source(i-1)][source(i)]++
			}
		}
		orders[order] = ids
		where, beside := chiSquare(deciles[:]), chiSquare(pairs[:3])
		if like := where < 70 && beside < 35; like != (order != "corpus") { // 18 and 4 degrees of freedom
			t.Errorf("%s: chi-square of the places of sources %.1f, and of neighbours %.1f", order, where, beside)
		}
	}
	if len(orders["corpus"]) < 700 || slices.Equal(orders["{shuffle: 0}"], orders["{shuffle: 1}"]) {
		t.Errorf("%d documents, and another seed shuffles them otherwise", len(orders["corpus"]))
	}
}

// chiSquare is that of a table of counts whose rows and columns have nothing to do with each other.
func chiSquare(table [][3]float64) (sum float64) {
	var columns [3]float64
	var all float64
	for _, r := range table {
		for k, n := range r {
			columns[k] += n
			all += n
		}
	}
	for _, r := range table {
		of := r[0] + r[1] + r[2]
		for k, n := range r {
			want := of * columns[k] / all
			sum += (n - want) * (n - want) / want
		}
	}
	return sum
}

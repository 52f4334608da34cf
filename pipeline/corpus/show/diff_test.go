package show

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
)

func TestDiffOfVersions(t *testing.T) {
	_, c := corpustest.TwoNights(t)
	d, err := Of(c).Diff(t.Context(), 1, c, 2, DiffOptions{Examples: 5, Movers: 4})
	if err != nil {
		t.Fatal(err)
	}
	var text, data bytes.Buffer
	if err := d.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	enc := json.NewEncoder(&data)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		t.Fatal(err)
	}
	corpustest.Golden(t, "diff.txt", corpustest.WithoutDigests(t, c, text.Bytes()))
	corpustest.Golden(t, "diff.json", corpustest.WithoutDigests(t, c, data.Bytes()))

	corpustest.Drop(t, c)
	back, err := Of(c).Diff(t.Context(), 1, c, 0, DiffOptions{})
	if err != nil || back.Documents.Added+back.Documents.Removed+back.Documents.Changed+back.Files.Added+back.Files.Removed != 0 ||
		back.A.Totals != back.B.Totals {
		t.Errorf("a version, and what is left after a drop of the next: %+v, %v", back, err)
	}
	gone, err := Of(c).Diff(t.Context(), 2, c, 3, DiffOptions{Examples: 1})
	if err != nil || gone.Documents.Removed != 1 || len(gone.Documents.RemovedFirst) != 1 || gone.Files.Removed != 1 {
		t.Errorf("a drop: %+v, %v", gone, err)
	}
	if _, err := Of(c).Diff(t.Context(), 1, c, 7, DiffOptions{}); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "there are 1 to 3") {
		t.Errorf("a version that is not there: %v", err)
	}
	if _, err := Of(c).Diff(t.Context(), 0, corpus.Open(corpustest.NewStore(t), corpustest.Tables), 0, DiffOptions{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("an empty corpus: %v", err)
	}
}

// What a compaction took the place of may be freed: its documents are in the shards of the compaction.
func TestDiffOfFreedShards(t *testing.T) {
	local := corpustest.NewStore(t)
	c := corpus.Open(local, corpustest.Tables)
	for _, texts := range []string{"ab", "c", "de"} {
		f := corpustest.File{Path: "a.jsonl"} // again and again, so the ids are the same
		for _, r := range texts {
			f.Docs = append(f.Docs, corpustest.Doc{Text: string(r)})
		}
		corpustest.MakeRun(t, local, []corpustest.File{f, {Path: texts, Docs: []corpustest.Doc{{Text: texts}}}}, corpustest.Sabotage{}).MustCommit(t)
	}
	if m, err := corpustest.Compact(t.Context(), c, corpustest.SmallShards); err != nil || m == nil {
		t.Fatalf("%+v, %v", m, err)
	}
	pairs := [][2]int{{1, 2}, {2, 3}, {1, 3}, {3, 4}, {2, 4}, {4, 1}}
	diffs := func() (list []*Diff) {
		for _, p := range pairs {
			d, err := Of(c).Diff(t.Context(), p[0], c, p[1], DiffOptions{Examples: 9, Movers: 9})
			if err != nil {
				t.Fatalf("%v: %v", p, err)
			}
			list = append(list, d)
		}
		return list
	}
	before := diffs()
	if d := before[0].Documents; d.Added != 2 || d.Removed+d.Changed != 0 {
		t.Errorf("a night: %+v", d)
	}
	if _, err := c.GC(t.Context(), corpus.GCInput{Keep: 1}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, diffs()); diff != "" {
		t.Error(diff)
	}
	live, err := c.LiveFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range live {
		if strings.HasPrefix(f.Path, pipeline.DataFolder+"/") {
			if err := local.Remove(t.Context(), f.Path); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := Of(c).Diff(t.Context(), 1, c, 2, DiffOptions{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("freed: %v", err)
	}
}

// corpusOf commits a corpus of a file a string, each byte of which is a document.
func corpusOf(t *testing.T, files map[string]string) *corpus.Corpus {
	t.Helper()
	var spec []corpustest.File
	for _, path := range slices.Sorted(maps.Keys(files)) {
		f := corpustest.File{Path: path}
		for _, c := range files[path] {
			f.Docs = append(f.Docs, corpustest.Doc{Text: string(c)})
		}
		spec = append(spec, f)
	}
	r := corpustest.MakeRun(t, corpustest.NewStore(t), spec, corpustest.Sabotage{})
	r.MustCommit(t)
	return r.Corpus
}

// The counts of two corpora are those of comparing their texts place by place, whatever fits into memory at once.
func TestDiffOfCorpora(t *testing.T) {
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 1))
		files := func() map[string]string {
			m := map[string]string{}
			for range 1 + rng.IntN(3) {
				m[string(rune('a'+rng.IntN(3)))] = "xyzzyxxzy"[rng.IntN(4):][:1+rng.IntN(5)]
			}
			return m
		}
		left, right := files(), files()
		var want DocumentDiff
		for _, path := range []string{"a", "b", "c"} {
			l, r := left[path], right[path]
			for i := range max(len(l), len(r)) {
				switch {
				case i >= len(l):
					want.Added++
				case i >= len(r):
					want.Removed++
				case l[i] != r[i]:
					want.Changed++
				}
			}
		}
		a, err := Of(corpusOf(t, left)).at(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Of(corpusOf(t, right)).at(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, atOnce := range []int{1 << 20, 2} {
			got, err := diffDocuments(t.Context(), a, b, 2, atOnce)
			if err != nil {
				t.Fatal(err)
			}
			if got.Added != want.Added || got.Removed != want.Removed || got.Changed != want.Changed || !got.Known {
				t.Errorf("%v and %v, %d at once: %+v, want %+v", left, right, atOnce, got, want)
			}
			for _, n := range []struct{ listed, all int64 }{
				{int64(len(got.AddedFirst)), got.Added}, {int64(len(got.RemovedFirst)), got.Removed}, {int64(len(got.ChangedFirst)), got.Changed},
			} {
				if n.listed != min(2, n.all) {
					t.Errorf("%d listed of %d", n.listed, n.all)
				}
			}
		}
	}
}

func TestDiffOfArrow(t *testing.T) {
	r := corpustest.MakeRun(t, corpustest.NewStore(t), corpustest.FirstNight(), corpustest.Sabotage{Formats: corpustest.ArrowAlone})
	r.MustCommit(t)
	_, c := corpustest.TwoNights(t)
	d, err := Of(r.Corpus).Diff(t.Context(), 0, c, 0, DiffOptions{Examples: 3, Movers: 3})
	if err != nil || d.Documents.Known || d.Files.Added != 1 {
		t.Errorf("%+v, %v", d, err)
	}
	var text strings.Builder
	if err := d.WriteText(&text); err != nil || !strings.Contains(text.String(), "not compared: one side has Arrow shards only") {
		t.Errorf("%s, %v", text.String(), err)
	}
}

// One id with several texts on a side: equal ones match, and what is left is changed before it is added or removed.
func TestDiffGroup(t *testing.T) {
	for _, test := range []struct {
		left, right             []uint64
		added, removed, changed int64
	}{
		{[]uint64{1}, []uint64{1, 2}, 1, 0, 0},
		{[]uint64{1, 2}, []uint64{2}, 0, 1, 0},
		{[]uint64{1, 3}, []uint64{2, 3}, 0, 0, 1},
		{[]uint64{1, 1}, []uint64{1}, 0, 1, 0},
		{[]uint64{4}, []uint64{1, 2, 3}, 2, 0, 1},
	} {
		c := comparison{}
		list := func(texts []uint64) (l []compared) {
			for _, text := range texts {
				l = append(l, compared{text: text})
			}
			return l
		}
		c.group(list(test.left), list(test.right))
		want := DocumentDiff{Added: test.added, Removed: test.removed, Changed: test.changed}
		if diff := cmp.Diff(want, c.result); diff != "" {
			t.Errorf("%v and %v (-want +got):\n%s", test.left, test.right, diff)
		}
	}
}

func TestVocabMovers(t *testing.T) {
	m := newMovers(9)
	for _, c := range []struct {
		token        string
		rankA, rankB int64
		a, b         int64 // of 1000
	}{{"a", 1, 1, 500, 500}, {"b", 2, 3, 200, 100}, {"c", 900, 2, 1, 200}, {"d", 5000, 1001, 0, 1}, {"e", 0, 7, 0, 3}, {"f", 8, 0, 4, 0}} {
		m.add(&tokenMove{token: []byte(c.token), rankA: c.rankA, rankB: c.rankB, countA: c.a, b: tokenRow{count: c.b}}, 1000, 1000)
	}
	for want, list := range map[string]*best[CharMove]{"cbd": &m.byShare, "cb": &m.byRank, "e": &m.new, "f": &m.gone} {
		var got strings.Builder
		for _, c := range list.result() {
			got.WriteString(c.Token)
		}
		if got.String() != want {
			t.Errorf("%s, want %s", got.String(), want)
		}
	}
	if m.isNew != 1 || m.isGone != 1 {
		t.Errorf("%d new, %d gone", m.isNew, m.isGone)
	}
}

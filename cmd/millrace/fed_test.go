package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/croissant"
	"github.com/millrace/millrace/pipeline/store"
)

// manyFiles writes JSONL files of ten documents each, some of which are equal to an earlier one or revise it; never is a group
// larger than what a document is compared with.
func manyFiles(t *testing.T, folder string, files int) (names []string) {
	t.Helper()
	random := newRandom(55)
	var texts []string
	for i := range files {
		var lines strings.Builder
		for range 10 {
			text := article(random, 120+random.IntN(200))
			if len(texts) > 0 {
				old := texts[random.IntN(len(texts))]
				switch random.IntN(8) {
				case 0:
					text = old
				case 1:
					text = strings.ReplaceAll(old, "，", "；")
				case 2:
					text = revised(random, old)
				}
			}
			texts = append(texts, text)
			fmt.Fprintf(&lines, "{\"text\":%q}\n", text)
		}
		name := fmt.Sprintf("%02d/%03d.jsonl", i%3, i)
		names = append(names, name)
		put(t, filepath.Join(folder, name), lines.String())
	}
	return names
}

func put(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// holding is what a corpus holds, whatever its versions.
type holding struct {
	Texts map[string]int
	Chars map[string][2]int64 // count and documents
}

func holdingOf(t testing.TB, out string, newest int) holding {
	t.Helper()
	h := holding{map[string]int{}, map[string][2]int64{}}
	for _, r := range readRows[row](t, filepath.Join(out, "data", "*", "*.parquet")) {
		h.Texts[r.Text]++
	}
	for _, r := range readRows[struct {
		Token     string `parquet:"token"`
		Count     int64  `parquet:"count"`
		Documents int64  `parquet:"documents"`
	}](t, filepath.Join(out, "vocab", fmt.Sprintf("%06d", newest), "chars.parquet")) {
		h.Chars[r.Token] = [2]int64{r.Count, r.Documents}
	}
	return h
}

// TestFedInNights: the same files in the order of the plan, in however many nights, make the same corpus.
func TestFedInNights(t *testing.T) {
	inTurn(t)
	t.Parallel()
	all := filepath.Join(t.TempDir(), "news")
	manyFiles(t, all, 36)
	var names []string // in the order of the plan
	for _, pattern := range []string{"00/*", "01/*", "02/*"} {
		part, err := filepath.Glob(filepath.Join(all, pattern))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, part...)
	}
	var want holding
	for _, nights := range []int{1, 3, 9} {
		out := filepath.Join(t.TempDir(), "out")
		for n := range nights {
			in := filepath.Join(t.TempDir(), "news")
			for _, name := range names[n*len(names)/nights : (n+1)*len(names)/nights] {
				to := filepath.Join(in, strings.TrimPrefix(name, all))
				if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.Link(name, to); err != nil {
					t.Fatal(err)
				}
			}
			o := jobOptions(t, out, in)
			if n > 0 {
				o.Moved = []string{"news"}
			}
			if r := job(t, o); r.Version != n+1 {
				t.Fatalf("night %d of %d: %+v", n+1, nights, r)
			}
			if n := newest(t, out).Counters["candidate_overflow"]; n != 0 {
				t.Fatalf("%d candidates too many: the texts are wrong for this test", n)
			}
		}
		verified(t, out)
		got := holdingOf(t, out, nights)
		if nights == 1 {
			want = got
			if len(want.Texts) > 300 || len(want.Texts) < 100 {
				t.Fatalf("%d of 360 documents kept: the texts are wrong for this test", len(want.Texts))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d nights:\n%s", nights, diff)
		}
	}
}

// contentsOf reads all files of a corpus but the card and the description for machines, which are those of the newest version.
func contentsOf(t testing.TB, out string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, name := range readersSee(t, out) {
		if name == "README.md" || name == croissant.Name {
			continue
		}
		data, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(data)
	}
	return files
}

// TestLaterNights: a later night takes only what is new. With plan.changed_files: add a changed file's documents go through dedupe, and
// nothing that is there is written again; TestTruth has the other.
func TestLaterNights(t *testing.T) {
	t.Parallel()
	folder, out, random := filepath.Join(t.TempDir(), "news"), filepath.Join(t.TempDir(), "out"), newRandom(77)
	path := func(name string) string { return filepath.Join(folder, name) }
	line := func(text string) string { return fmt.Sprintf("{\"text\":%q}\n", text) }
	first, second, third := article(random, 900), article(random, 900), article(random, 900)
	put(t, path("a.jsonl"), line(first))
	put(t, path("b.jsonl"), line(second)+line(third))
	put(t, path("c.jsonl"), line(article(random, 900)))
	files := map[string]string{}
	nights := []struct {
		name                                  string
		change                                func()
		read, skipped                         int64
		kept, exact, near, revised, ofEarlier int64
		unread                                bool // nothing new: no version
	}{
		{"all is new", func() {}, 3, 0, 4, 0, 0, 0, 0, false},
		{"nothing is new", func() {}, 0, 3, 0, 0, 0, 0, 0, true},
		{"a light revision, one that is none, a new document and a new file", func() {
			put(t, path("b.jsonl"), line("今日更正。"+second)+line(third)+line(article(random, 900)))
			put(t, path("d.jsonl"), line(first)+line(article(random, 900)))
		}, 2, 2, 2, 2, 1, 2, 3, false},
		{"another time is another file", func() {
			at := time.Now().Add(-time.Hour)
			if err := os.Chtimes(path("c.jsonl"), at, at); err != nil {
				t.Fatal(err)
			}
		}, 1, 3, 0, 1, 0, 1, 1, false},
		{"what has changed is known as it is now", func() {}, 0, 4, 0, 0, 0, 0, 0, true},
	}
	version := 0
	for _, night := range nights {
		t.Run(night.name, func(t *testing.T) {
			night.change()
			o := jobOptions(t, out, folder)
			o.Replace = false
			r := job(t, o)
			if !night.unread {
				version++
			} else if r.Version != 0 {
				t.Errorf("version %d was made", r.Version)
			}
			if r.Files.Skipped != night.skipped || r.Files.Read != night.read {
				t.Errorf("%+v, want %d read and %d skipped", r.Files, night.read, night.skipped)
			}
			d := r.Documents
			if d.Kept != night.kept || d.ExactDuplicates != night.exact || d.NearDuplicates != night.near || d.Revised != night.revised {
				t.Errorf("%+v, want %d kept, %d exact, %d near, %d revised", d, night.kept, night.exact, night.near, night.revised)
			}
			m := newest(t, out)
			if m.Version != version || !night.unread && m.Totals.Documents.OfEarlier != night.ofEarlier {
				t.Errorf("version %d: %+v, want version %d with %d of earlier ones", m.Version, m.Totals.Documents, version, night.ofEarlier)
			}
			now := contentsOf(t, out)
			for name, content := range files {
				if now[name] != content {
					t.Errorf("%s was rewritten", name)
				}
			}
			if night.unread && len(now) != len(files) {
				t.Errorf("%d files, before %d", len(now), len(files))
			}
			maps.Copy(files, now)
		})
	}
	verified(t, out)
	s, err := store.Open(t.Context(), out, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	if list, err := corpus.Open(s, tables()).Versions(t.Context()); err != nil || len(list) != 3 {
		t.Errorf("%d versions, %v", len(list), err)
	}
}

// TestKnownByDigest: files that were copied, and have other times, are known by their content; others are not.
func TestKnownByDigest(t *testing.T) {
	t.Parallel()
	folder, out, random := filepath.Join(t.TempDir(), "news"), filepath.Join(t.TempDir(), "out"), newRandom(78)
	texts := map[string]string{}
	for _, name := range []string{"a.txt", "b.txt", "c.txt"} {
		texts[name] = article(random, 500)
		put(t, filepath.Join(folder, name), texts[name])
	}
	night := func(digests bool, read, skipped int64) {
		t.Helper()
		o := jobOptions(t, out, folder)
		o.ByContent = digests
		if r := job(t, o); r.Files.Read != read || r.Files.Skipped != skipped {
			t.Errorf("%+v, want %d read, %d skipped", r.Files, read, skipped)
		}
		verified(t, out)
	}
	touch := func(names ...string) {
		t.Helper()
		for i, name := range names {
			at := time.Now().Add(-time.Duration(i+1) * time.Hour)
			if err := os.Chtimes(filepath.Join(folder, name), at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	night(true, 3, 0)
	put(t, filepath.Join(folder, "d.txt"), article(random, 500))
	put(t, filepath.Join(folder, "b.txt"), strings.Replace(texts["b.txt"], texts["b.txt"][:3], "更", 1)) // of the same size
	touch("a.txt", "b.txt")
	night(true, 2, 2) // a is known by its content, c by its time
	night(true, 0, 4)
	night(false, 1, 3) // by its time a is new
	touch("c.txt", "b.txt")
	night(true, 0, 4) // the digest of the newest state counts
	touch("d.txt")
	night(false, 3, 1) // b and c have other times still
	touch("d.txt", "c.txt")
	night(true, 2, 2) // the last run that took them made no digests
}

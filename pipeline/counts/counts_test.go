package counts

import (
	"bytes"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// sum is what a token is counted.
type sum struct{ count, documents int64 }

func job(store *pipelinetest.Memory) *pipeline.Job {
	return &pipeline.Job{Work: store, Out: store, Corpus: store}
}

// readAll reads files, each in some partitions, as one.
func readAll(t testing.TB, store *pipelinetest.Memory, names []string, partitions int) map[string]sum {
	t.Helper()
	all := map[string]sum{}
	for p := range partitions {
		files := sorted.NewHandles(t.Context(), store)
		var sources []Source
		for _, name := range names {
			f, err := Open(files, name, p, partitions)
			if err != nil {
				t.Fatal(err)
			}
			sources = append(sources, f)
		}
		m := NewMerge(sources)
		var last Item
		for m.Next() {
			i := m.Item()
			if _, ok := all[string(i.Token)]; ok || last.Token != nil && last.compare(i) >= 0 || sorted.Partition(i.Hash, partitions) != p || i.Hash != Hash(i.Token) {
				t.Fatalf("%q is there twice, out of order, or in partition %d", i.Token, p)
			}
			last = Item{Hash: i.Hash, Token: bytes.Clone(i.Token)}
			all[string(i.Token)] = sum{i.Count, i.Documents}
		}
		if err := errors.Join(m.Err(), files.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func names(outputs []pipeline.Output) (list []string) {
	for _, o := range outputs {
		list = append(list, o.Name)
	}
	return list
}

// TestCollector: what is counted in several runs, and read in any partitions, is what a map counts.
func TestCollector(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		store := pipelinetest.NewMemory()
		word := rapid.SampledFrom([]string{"", "a", "b", "新闻", "的", "a\x00", "a\x00b", string(bytes.Repeat([]byte("长"), 300)), string(make([]byte, MaxToken)), string(make([]byte, MaxToken+1))})
		c := NewCollector(t.Context(), job(store), "words/", 3)
		c.most = rapid.IntRange(0, 40_000).Draw(r, "most")
		want, long := map[string]sum{}, int64(0)
		for range rapid.IntRange(0, 30).Draw(r, "documents") {
			must(t, c.Document())
			seen := map[string]bool{}
			for range rapid.IntRange(0, 20).Draw(r, "words") {
				w := word.Draw(r, "word")
				if rapid.Bool().Draw(r, "other") && len(w) < MaxToken {
					w += strconv.Itoa(rapid.IntRange(0, 200).Draw(r, "number"))
				}
				c.Add([]byte(w))
				switch {
				case w == "":
				case len(w) > MaxToken:
					long++
				default:
					s := want[w]
					s.count++
					if !seen[w] {
						seen[w] = true
						s.documents++
					}
					want[w] = s
				}
			}
		}
		outputs, err := c.Commit()
		must(t, err)
		if c.Long() != long {
			t.Fatalf("%d tokens were too long, not %d", c.Long(), long)
		}
		if got := readAll(t, store, names(outputs), rapid.IntRange(1, 9).Draw(r, "partitions")); !maps.Equal(got, want) {
			t.Fatalf("%v\nwant %v", got, want)
		}
	})
}

// TestGrams: n-grams are those of the runs of letters and marks, whatever there is between.
func TestGrams(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		store := pipelinetest.NewMemory()
		n, most := rapid.IntRange(LeastGram, MostGram).Draw(r, "n"), rapid.IntRange(1, 500).Draw(r, "most")
		document, commit := counterOf(t, store, n, most)
		letter := rapid.SampledFrom([]rune("的一是新闻我国abcZé\u0301𠮷𪜶\U0003134aΩ，。 \n1٣😀\U000e0100\U00100000ﾟ々"))
		want := map[string]sum{}
		for range rapid.IntRange(0, 20).Draw(r, "documents") {
			text := rapid.SliceOfN(letter, 0, 400).Draw(r, "text")
			must(t, document([]byte(string(text))))
			seen := map[string]bool{}
			for i := 0; i+n <= len(text); i++ {
				part := text[i : i+n]
				if slices.ContainsFunc(part, func(r rune) bool { return r >= mostLetters || !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
					continue
				}
				s := want[string(part)]
				s.count++
				if !seen[string(part)] {
					seen[string(part)] = true
					s.documents++
				}
				want[string(part)] = s
			}
		}
		outputs, err := commit()
		must(t, err)
		partitions := rapid.IntRange(1, 5).Draw(r, "partitions")
		var got map[string]sum
		if n <= MostNumbered {
			got = readGrams(t, store, names(outputs), n, partitions)
		} else {
			got = readAll(t, store, names(outputs), partitions)
		}
		if !maps.Equal(got, want) {
			t.Fatalf("%v\nwant %v", got, want)
		}
	})
}

// counterOf is what counts n-grams, so many in memory.
func counterOf(t testing.TB, store *pipelinetest.Memory, n, most int) (document func([]byte) error, commit func() ([]pipeline.Output, error)) {
	if n == 2 {
		c := NewPairCounter(t.Context(), job(store), "ngrams/", 0)
		c.most = most
		return c.Document, c.Commit
	}
	g := NewGrams(t.Context(), job(store), "ngrams/", 0, n)
	g.most = most
	return g.Document, g.Commit
}

// TestLetters: there is no letter beyond those that have a number, but for variation selectors, which are marks.
func TestLetters(t *testing.T) {
	for r := rune(mostLetters); r <= unicode.MaxRune; r++ {
		if unicode.IsLetter(r) || unicode.IsMark(r) && (r < 0xe0100 || r > 0xe01ef) {
			t.Fatalf("%U is a letter or a mark", r)
		}
	}
}

// write writes a file of items, which are put in order.
func write(t testing.TB, store *pipelinetest.Memory, name string, items ...Item) {
	t.Helper()
	w, err := Create(t.Context(), job(store), name)
	must(t, err)
	for i := range items {
		items[i].Hash = Hash(items[i].Token)
	}
	slices.SortFunc(items, func(a, b Item) int { return a.compare(&b) })
	for i := range items {
		must(t, w.Add(&items[i]))
	}
	_, err = w.Commit()
	must(t, err)
}

// TestMerge: counts are added beyond 32 bits, what is taken away is gone, and no count wraps round.
func TestMerge(t *testing.T) {
	store := pipelinetest.NewMemory()
	item := func(token string, count, documents int64) Item {
		return Item{Token: []byte(token), Count: count, Documents: documents}
	}
	write(t, store, "a", item("x", 1<<40, 1<<33), item("y", 5, 2), item("z", 1, 1))
	write(t, store, "b", item("x", 1<<41, 7), item("y", -5, -2), item("z", -1, 0))
	want := map[string]sum{"x": {1<<40 + 1<<41, 1<<33 + 7}, "z": {0, 1}}
	if got := readAll(t, store, []string{"a", "b"}, 3); !maps.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	for name, i := range map[string]Item{"more": item("x", math.MaxInt64, 0), "less": item("x", math.MinInt64, 0), "documents": item("x", 0, math.MaxInt64)} {
		write(t, store, "c", i)
		files := sorted.NewHandles(t.Context(), store)
		var sources []Source
		for _, name := range []string{"c", map[string]string{"less": "d"}[name]} {
			if name == "" {
				name = "a"
			}
			if name == "d" {
				write(t, store, "d", item("x", -1, 0))
			}
			f, err := Open(files, name, 0, 1)
			must(t, err)
			sources = append(sources, f)
		}
		m := NewMerge(sources)
		for m.Next() {
			continue
		}
		if m.Err() == nil {
			t.Errorf("%s: a count wraps round", name)
		}
		must(t, files.Close())
	}
}

// TestWriter: what cannot be read again is not written.
func TestWriter(t *testing.T) {
	w, err := Create(t.Context(), job(pipelinetest.NewMemory()), "a")
	must(t, err)
	x := Item{Hash: Hash([]byte("x")), Token: []byte("x"), Count: 1, Documents: 1}
	must(t, w.Add(&x))
	for _, token := range []string{"", "x", string(make([]byte, MaxToken+1))} {
		if err := w.Add(&Item{Token: []byte(token), Count: 1}); err == nil {
			t.Errorf("%.10q was added", token)
		}
	}
	must(t, w.Close())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

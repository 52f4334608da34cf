package counts

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/quick"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// readGrams reads files of pairs, each in some partitions, as one.
func readGrams(t testing.TB, store *pipelinetest.Memory, names []string, n, partitions int) map[string]sum {
	t.Helper()
	all := map[string]sum{}
	for p := range partitions {
		files := sorted.NewHandles(t.Context(), store)
		last, some := uint64(0), false
		err := mergeGrams(t, files, names, n, p, partitions, func(pair *Gram, sums []Sum) error {
			token := GramToken(n, pair.Key)
			if _, ok := all[token]; ok || some && last >= pair.Key || sorted.Partition(pair.Key, partitions) != p || pair.Key != GramKey(n, codeOf([]rune(token)...)) {
				t.Fatalf("%q is there twice, out of order, or in partition %d", token, p)
			}
			if sums[0] != (Sum{pair.Count, pair.Documents}) {
				t.Fatalf("%q: %+v in all, %+v in the group", token, pair, sums)
			}
			last, some = pair.Key, true
			all[token] = sum{pair.Count, pair.Documents}
			return nil
		})
		if err := errors.Join(err, files.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func mergeGrams(t testing.TB, files *sorted.Handles, names []string, n, partition, partitions int, yield func(*Gram, []Sum) error) error {
	var sources []GramSource
	for _, name := range names {
		f, err := OpenGrams(files, name, n, partition, partitions)
		if err != nil {
			return err
		}
		sources = append(sources, GramSource{GramFile: f})
	}
	return MergeGrams(t.Context(), 1, sources, yield)
}

// TestGramKey: every n-gram has a key of its own that says its code, codes are in the order of their bytes, and letters that follow each other spread over the partitions.
func TestGramKey(t *testing.T) {
	for n := LeastGram; n <= MostNumbered; n++ {
		seen := make([]bool, mostLetters)
		for first := range rune(mostLetters) {
			letters := []rune{first, mostLetters - 1 - first, first / 3}[:n]
			code := codeOf(letters...)
			key := GramKey(n, code)
			if got := GramCode(n, key); got != code || key<<(n*letterBits) != 0 {
				t.Fatalf("%U: the key has the code %x, not %x", letters, got, code)
			}
			if seen[key>>firstShift] {
				t.Fatalf("%U has the bits of another letter", first)
			}
			seen[key>>firstShift] = true
		}
		var in [7]int
		for first := rune(0xac00); first < 0xac00+700; first++ {
			in[sorted.Partition(GramKey(n, codeOf([]rune{first, 'x', 'y'}[:n]...)), len(in))]++
		}
		if slices.Max(in[:]) > 110 {
			t.Errorf("700 letters come into partitions as %v", in)
		}
		if err := quick.Check(func(a, b [MostNumbered]uint32) bool {
			letters := func(l [MostNumbered]uint32) (list []rune) {
				for _, r := range l[:n] {
					r %= mostLetters
					if utf8.ValidRune(rune(r)) {
						list = append(list, rune(r))
					} else {
						list = append(list, 'x')
					}
				}
				return list
			}
			x, y := letters(a), letters(b)
			return string(AppendGram(nil, n, codeOf(x...))) == string(x) && cmp.Compare(codeOf(x...), codeOf(y...)) == cmp.Compare(string(x), string(y))
		}, nil); err != nil {
			t.Error(err)
		}
	}
}

// TestPairs: pairs are counted the same, whether their letters have a rank or came too late for one, of how many bytes they are, in each of several files, in more documents than a
// cell tells apart, and more often than one counts to.
func TestPairs(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	odd := []rune("aé한𠮷\U0003134a\x00 1😀\U000e0100\U0010ffff")
	isLetter := func(r rune) bool { return r >= 0x4e00 && r < 0x9000 || slices.Contains(odd[:5], r) }
	for _, test := range []struct{ documents, letters, different, most, files, ranks int }{
		{12, 20_000, 4000, 20_000, 2, leastRanks},
		{30, 30_000, 4000, 250_000, 2, 2 * leastRanks},
		{150_000, 5, 1, mostCells, 1, 2},
		{300, 3000, 5, mostCells, 1, 2}, // often in each document
	} {
		store := pipelinetest.NewMemory()
		c := NewPairCounter(t.Context(), job(store), "ngrams/", 0)
		c.most = test.most
		want := map[string]sum{}
		for range test.documents {
			var text []rune
			for range test.letters {
				text = append(text, rune(0x4e00+int(random.ExpFloat64()*600)%test.different))
				switch random.IntN(40) {
				case 0, 1:
					text = append(text, '，')
				case 2:
					text = append(text, odd[random.IntN(len(odd))])
				}
			}
			must(t, c.Document([]byte(string(text))))
			seen := map[string]bool{}
			for i := range text[1:] {
				if !isLetter(text[i]) || !isLetter(text[i+1]) {
					continue
				}
				token := string(text[i : i+2])
				s := want[token]
				s.count++
				if !seen[token] {
					seen[token] = true
					s.documents++
				}
				want[token] = s
			}
		}
		outputs, err := c.Commit()
		must(t, err)
		if len(outputs) < test.files || len(c.letters) < test.ranks {
			t.Fatalf("%d files, %d letters with ranks: too few to show anything", len(outputs), len(c.letters))
		}
		if got := readGrams(t, store, names(outputs), 2, 2); !maps.Equal(got, want) {
			t.Errorf("%d pairs, want %d, or other counts", len(got), len(want))
		}
	}
}

// writeGrams writes a file of pairs, which are put in order.
func writeGrams(t testing.TB, store *pipelinetest.Memory, name string, pairs ...Gram) {
	t.Helper()
	w, err := CreateGrams(t.Context(), job(store), name, 2)
	must(t, err)
	slices.SortFunc(pairs, func(a, b Gram) int { return cmp.Compare(a.Key, b.Key) })
	for _, p := range pairs {
		must(t, w.Add(p.Key, p.Count, p.Documents))
	}
	_, err = w.Commit()
	must(t, err)
}

// TestMergeGrams: counts are added beyond 32 bits and by group, what is taken away is gone, and no count wraps round.
func TestMergeGrams(t *testing.T) {
	store := pipelinetest.NewMemory()
	x, y, z := GramKey(2, codeOf('新', '闻')), GramKey(2, codeOf('新', 'y')), GramKey(2, codeOf('z', 0x3ffff))
	writeGrams(t, store, "a", Gram{x, 1 << 40, 1 << 33}, Gram{y, 5, 2}, Gram{z, 1, 1})
	writeGrams(t, store, "b", Gram{x, -3, -1}, Gram{y, 5, 2})
	files := sorted.NewHandles(t.Context(), store)
	open := func(name string) *GramFile {
		f, err := OpenGrams(files, name, 2, 0, 1)
		must(t, err)
		return f
	}
	got := map[uint64][3]Sum{}
	must(t, MergeGrams(t.Context(), 2, []GramSource{{open("a"), 0, false}, {open("b"), 1, false}, {open("b"), 1, true}, {open("b"), 0, true}}, func(p *Gram, sums []Sum) error {
		got[p.Key] = [3]Sum{{p.Count, p.Documents}, sums[0], sums[1]}
		return nil
	}))
	want := map[uint64][3]Sum{x: {{1<<40 + 3, 1<<33 + 1}, {1<<40 + 3, 1<<33 + 1}, {}}, z: {{1, 1}, {1, 1}, {}}}
	if !maps.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	for _, p := range []Gram{{x, math.MaxInt64, 0}, {x, 0, math.MaxInt64}} {
		writeGrams(t, store, "c", p)
		if err := mergeGrams(t, files, []string{"a", "c"}, 2, 0, 1, func(*Gram, []Sum) error { return nil }); err == nil {
			t.Errorf("%v: a count wraps round", p)
		}
		must(t, files.Close())
		files = sorted.NewHandles(t.Context(), store)
	}
	writeGrams(t, store, "d", Gram{x, math.MinInt64, 0})
	writeGrams(t, store, "e", Gram{x, -1, 0})
	if err := mergeGrams(t, files, []string{"d", "e"}, 2, 0, 1, func(*Gram, []Sum) error { return nil }); err == nil {
		t.Error("a count wraps round below")
	}
	stop := errors.New("stop")
	if err := mergeGrams(t, files, []string{"a"}, 2, 0, 1, func(*Gram, []Sum) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	must(t, files.Close())
}

// TestGramWriter: pairs out of order are not written.
func TestGramWriter(t *testing.T) {
	w, err := CreateGrams(t.Context(), job(pipelinetest.NewMemory()), "a", 2)
	must(t, err)
	key := GramKey(2, codeOf('b', 'b'))
	must(t, w.Add(key, 1, 1))
	for _, k := range []uint64{key, key - 1<<keyShift(2), 0} {
		if w.Add(k, 1, 1) == nil {
			t.Errorf("%x was added", k)
		}
	}
	must(t, w.Close())
}

// TestGramRanker: rows of several parts, in several files each, come in the order of tables, which is that of Ranker.
func TestGramRanker(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		store := pipelinetest.NewMemory()
		var want []Row
		var outputs []pipeline.Output
		n := rapid.IntRange(LeastGram, MostNumbered).Draw(r, "n")
		row := func(p *GramRow) Row {
			return Row{AppendGram(nil, n, p.Code), p.Count, p.Documents, p.NewCount, p.NewDocuments}
		}
		const parts = 3
		var pairs [parts]map[uint64]GramRow
		for range rapid.IntRange(0, 300).Draw(r, "rows") {
			letter := rapid.SampledFrom([]rune("abcé新闻联播𠮷"))
			code := codeOf(rapid.SliceOfN(letter, n, n).Draw(r, "letters")...)
			key := GramKey(n, code)
			part := sorted.Partition(key, parts)
			if pairs[part] == nil {
				pairs[part] = map[uint64]GramRow{}
			}
			count := rapid.OneOf(rapid.Int64Range(1, 5), rapid.Int64Range(smallCounts-2, smallCounts+2), rapid.Int64Range(1, math.MaxInt64-1)).Draw(r, "count")
			pairs[part][key] = GramRow{code, count, rapid.Int64Range(1, count).Draw(r, "documents"), 1 << 40, 1}
		}
		for part, rows := range pairs {
			k := NewGramRanker(t.Context(), job(store), "ranked/", part, n)
			k.most = rapid.IntRange(1, 80).Draw(r, "most")
			for _, key := range slices.Sorted(maps.Keys(rows)) {
				p := rows[key]
				want = append(want, row(&p))
				must(t, k.Add(p))
			}
			o, err := k.Commit()
			must(t, err)
			outputs = append(outputs, o...)
		}
		slices.SortFunc(want, func(a, b Row) int { return a.compare(&b) })
		files := sorted.NewHandles(t.Context(), store)
		i := 0
		must(t, EachGramRow(files, names(outputs), n, func(p *GramRow) error {
			if got := row(p); i == len(want) || string(got.Token) != string(want[i].Token) || got.compare(&want[i]) != 0 || got.Documents != want[i].Documents || got.NewCount != 1<<40 || got.NewDocuments != 1 {
				t.Fatalf("row %d is %s %+v", i, got.Token, got)
			}
			i++
			return nil
		}))
		if i != len(want) {
			t.Fatalf("%d rows of %d", i, len(want))
		}
		must(t, files.Close())
	})
}

// FuzzGramFile: any bytes are read or refused, in memory for what a block may have, and a changed byte of a file is found.
func FuzzGramFile(f *testing.F) {
	store := pipelinetest.NewMemory()
	c := NewPairCounter(f.Context(), job(store), "ngrams/", 0)
	var text []rune
	for i := range rune(9_000) {
		text = append(text, 0x4e00+i*i%1009, 'a'+i%26)
	}
	must(f, c.Document([]byte(string(text))))
	outputs, err := c.Commit()
	must(f, err)
	read := func(ctx context.Context, store pipeline.Store, name string) (n int, err error) {
		files := sorted.NewHandles(ctx, store)
		file, err := OpenGrams(files, name, 2, 0, 1)
		if err != nil {
			return 0, err
		}
		for file.Next() {
			n++
		}
		return n, file.Err()
	}
	fuzzed(f, store, outputs[0].Name, read)
}

// FuzzGramRows: so are files of rows.
func FuzzGramRows(f *testing.F) {
	store := pipelinetest.NewMemory()
	k := NewGramRanker(f.Context(), job(store), "ranked/", 0, 2)
	for i := range rune(9000) {
		must(f, k.Add(GramRow{codeOf('a', 0x4e00+i), int64(1 + i%50), 1, 1, 1}))
	}
	outputs, err := k.Commit()
	must(f, err)
	read := func(ctx context.Context, store pipeline.Store, name string) (n int, err error) {
		files := sorted.NewHandles(ctx, store)
		err = EachGramRow(files, []string{name}, 2, func(*GramRow) error { n++; return nil })
		return n, err
	}
	fuzzed(f, store, outputs[0].Name, read)
}

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

	"pgregory.net/rapid"

	"millrace/pipeline"
	"millrace/pipeline/pipelinetest"
	"millrace/pipeline/sorted"
)

// readPairs reads files of pairs, each in some partitions, as one.
func readPairs(t testing.TB, store *pipelinetest.Memory, names []string, partitions int) map[string]sum {
	t.Helper()
	all := map[string]sum{}
	for p := range partitions {
		files := sorted.NewHandles(t.Context(), store)
		last, some := uint64(0), false
		err := mergePairs(t, files, names, p, partitions, func(pair *Pair, sums []Sum) error {
			token := pair.Token()
			left, right := pair.Letters()
			if _, ok := all[token]; ok || some && last >= pair.Key || sorted.Partition(pair.Key, partitions) != p || pair.Key != PairKey(left, right) {
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

func mergePairs(t testing.TB, files *sorted.Handles, names []string, partition, partitions int, yield func(*Pair, []Sum) error) error {
	var sources []PairSource
	for _, name := range names {
		f, err := OpenPairs(files, name, partition, partitions)
		if err != nil {
			return err
		}
		sources = append(sources, PairSource{PairFile: f})
	}
	return MergePairs(t.Context(), 1, sources, yield)
}

// TestPairKey: every pair has a key of its own that says its letters, and letters that follow each other spread over the partitions.
func TestPairKey(t *testing.T) {
	seen := make([]bool, mostLetters)
	for left := range rune(mostLetters) {
		right := mostLetters - 1 - left
		p := Pair{Key: PairKey(left, right)}
		if l, r := p.Letters(); l != left || r != right {
			t.Fatalf("%U %U: the key has %U %U", left, right, l, r)
		}
		if at := p.Key >> (64 - letterBits); seen[at] {
			t.Fatalf("%U has the bits of another letter", left)
		} else {
			seen[at] = true
		}
	}
	var in [7]int
	for left := rune(0xac00); left < 0xac00+700; left++ {
		in[sorted.Partition(PairKey(left, 'x'), len(in))]++
	}
	if slices.Max(in[:]) > 110 {
		t.Errorf("700 letters come into partitions as %v", in)
	}
}

// TestPairs: pairs are counted the same, whether their letters have a rank or came too late for one, in each of several files, and in more documents than a
// cell tells apart.
func TestPairs(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for _, test := range []struct{ documents, letters, most, files, ranks int }{{12, 20_000, 20_000, 2, leastRanks + 1}, {150_000, 5, mostCells, 1, mostRanks}} {
		store := pipelinetest.NewMemory()
		c := NewPairCounter(t.Context(), job(store), "ngrams/", 0)
		c.most = test.most
		want := map[string]sum{}
		for range test.documents {
			var text []rune
			for range test.letters {
				text = append(text, rune(0x4e00+int(random.ExpFloat64()*400)%2500))
				if random.IntN(20) == 0 {
					text = append(text, '，')
				}
			}
			must(t, c.Document([]byte(string(text))))
			seen := map[string]bool{}
			for i := range text[1:] {
				if text[i] == '，' || text[i+1] == '，' {
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
		if got := readPairs(t, store, names(outputs), 2); !maps.Equal(got, want) {
			t.Errorf("%d pairs, want %d, or other counts", len(got), len(want))
		}
	}
}

// writePairs writes a file of pairs, which are put in order.
func writePairs(t testing.TB, store *pipelinetest.Memory, name string, pairs ...Pair) {
	t.Helper()
	w, err := CreatePairs(t.Context(), job(store), name)
	must(t, err)
	slices.SortFunc(pairs, func(a, b Pair) int { return cmp.Compare(a.Key, b.Key) })
	for _, p := range pairs {
		must(t, w.Add(p.Key, p.Count, p.Documents))
	}
	_, err = w.Commit()
	must(t, err)
}

// TestMergePairs: counts are added beyond 32 bits and by group, what is taken away is gone, and no count wraps round.
func TestMergePairs(t *testing.T) {
	store := pipelinetest.NewMemory()
	x, y, z := PairKey('新', '闻'), PairKey('新', 'y'), PairKey('z', 0x3ffff)
	writePairs(t, store, "a", Pair{x, 1 << 40, 1 << 33}, Pair{y, 5, 2}, Pair{z, 1, 1})
	writePairs(t, store, "b", Pair{x, -3, -1}, Pair{y, 5, 2})
	files := sorted.NewHandles(t.Context(), store)
	open := func(name string) *PairFile {
		f, err := OpenPairs(files, name, 0, 1)
		must(t, err)
		return f
	}
	got := map[uint64][3]Sum{}
	must(t, MergePairs(t.Context(), 2, []PairSource{{open("a"), 0, false}, {open("b"), 1, false}, {open("b"), 1, true}, {open("b"), 0, true}}, func(p *Pair, sums []Sum) error {
		got[p.Key] = [3]Sum{{p.Count, p.Documents}, sums[0], sums[1]}
		return nil
	}))
	want := map[uint64][3]Sum{x: {{1<<40 + 3, 1<<33 + 1}, {1<<40 + 3, 1<<33 + 1}, {}}, z: {{1, 1}, {1, 1}, {}}}
	if !maps.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	for _, p := range []Pair{{x, math.MaxInt64, 0}, {x, 0, math.MaxInt64}} {
		writePairs(t, store, "c", p)
		if err := mergePairs(t, files, []string{"a", "c"}, 0, 1, func(*Pair, []Sum) error { return nil }); err == nil {
			t.Errorf("%v: a count wraps round", p)
		}
		must(t, files.Close())
		files = sorted.NewHandles(t.Context(), store)
	}
	writePairs(t, store, "d", Pair{x, math.MinInt64, 0})
	writePairs(t, store, "e", Pair{x, -1, 0})
	if err := mergePairs(t, files, []string{"d", "e"}, 0, 1, func(*Pair, []Sum) error { return nil }); err == nil {
		t.Error("a count wraps round below")
	}
	stop := errors.New("stop")
	if err := mergePairs(t, files, []string{"a"}, 0, 1, func(*Pair, []Sum) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	must(t, files.Close())
}

// TestPairWriter: pairs out of order are not written.
func TestPairWriter(t *testing.T) {
	w, err := CreatePairs(t.Context(), job(pipelinetest.NewMemory()), "a")
	must(t, err)
	key := PairKey('b', 'b')
	must(t, w.Add(key, 1, 1))
	for _, k := range []uint64{key, key - 1<<pairShift, 0} {
		if w.Add(k, 1, 1) == nil {
			t.Errorf("%x was added", k)
		}
	}
	must(t, w.Close())
}

// TestPairRanker: rows of several parts, in several files each, come in the order of tables, which is that of Ranker.
func TestPairRanker(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		store := pipelinetest.NewMemory()
		var want []Row
		var outputs []pipeline.Output
		row := func(p *PairRow) Row {
			return Row{[]byte(string([]rune{p.Left, p.Right})), p.Count, p.Documents, p.NewCount, p.NewDocuments}
		}
		const parts = 3
		var pairs [parts]map[uint64]PairRow
		for range rapid.IntRange(0, 300).Draw(r, "rows") {
			letter := rapid.SampledFrom([]rune("abcé新闻联播𠮷"))
			key := PairKey(letter.Draw(r, "left"), letter.Draw(r, "right"))
			part := sorted.Partition(key, parts)
			if pairs[part] == nil {
				pairs[part] = map[uint64]PairRow{}
			}
			count := rapid.OneOf(rapid.Int64Range(1, 5), rapid.Int64Range(smallCounts-2, smallCounts+2), rapid.Int64Range(1, math.MaxInt64-1)).Draw(r, "count")
			left, right := (&Pair{Key: key}).Letters()
			pairs[part][key] = PairRow{left, right, count, rapid.Int64Range(1, count).Draw(r, "documents"), 1 << 40, 1}
		}
		for part, rows := range pairs {
			k := NewPairRanker(t.Context(), job(store), "ranked/", part)
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
		n := 0
		must(t, EachPairRow(files, names(outputs), func(p *PairRow) error {
			if got := row(p); n == len(want) || string(got.Token) != string(want[n].Token) || got.compare(&want[n]) != 0 || got.Documents != want[n].Documents || got.NewCount != 1<<40 || got.NewDocuments != 1 {
				t.Fatalf("row %d is %s %+v", n, got.Token, got)
			}
			n++
			return nil
		}))
		if n != len(want) {
			t.Fatalf("%d rows of %d", n, len(want))
		}
		must(t, files.Close())
	})
}

// FuzzPairFile: any bytes are read or refused, in memory for what a block may have, and a changed byte of a file is found.
func FuzzPairFile(f *testing.F) {
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
		file, err := OpenPairs(files, name, 0, 1)
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

// FuzzPairRows: so are files of rows.
func FuzzPairRows(f *testing.F) {
	store := pipelinetest.NewMemory()
	k := NewPairRanker(f.Context(), job(store), "ranked/", 0)
	for i := range rune(9000) {
		must(f, k.Add(PairRow{'a', 0x4e00 + i, int64(1 + i%50), 1, 1, 1}))
	}
	outputs, err := k.Commit()
	must(f, err)
	read := func(ctx context.Context, store pipeline.Store, name string) (n int, err error) {
		files := sorted.NewHandles(ctx, store)
		err = EachPairRow(files, []string{name}, func(*PairRow) error { n++; return nil })
		return n, err
	}
	fuzzed(f, store, outputs[0].Name, read)
}

package train

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

type word struct {
	text  string
	count int64
}

func train(t interface{ Fatal(...any) }, o Options, words []word) *Model {
	k, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range words {
		if err := k.Add([]byte(w.text), w.count); err != nil {
			t.Fatal(err)
		}
	}
	m, err := k.Train(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// naive trains as it is written in books: all pairs are counted anew before each merge. As Hugging Face's trainer does not take a pair that it
// merged off its count, one that comes about again has the count of then too.
func naive(o Options, words []word) *Model {
	var m Model
	ids := map[string]int32{}
	add := func(token string) int32 {
		id, ok := ids[token]
		if !ok {
			id = int32(len(m.Tokens))
			m.Tokens, ids[token] = append(m.Tokens, []byte(token)), id
		}
		return id
	}
	for _, s := range o.tokens() {
		add(s)
	}
	m.Special = len(m.Tokens)
	for _, b := range alphabet {
		add(string([]byte{b}))
	}
	all := make([][]int32, len(words))
	for i, w := range words {
		for j := range len(w.text) {
			all[i] = append(all[i], ids[w.text[j:j+1]])
		}
	}
	kept := map[[2]int32]int64{}
	for len(m.Tokens) < o.Size {
		counts := map[[2]int32]int64{}
		for i, w := range all {
			for j := range len(w) - 1 {
				p := [2]int32{w[j], w[j+1]}
				n := len(m.Tokens[p[0]]) + len(m.Tokens[p[1]])
				if o.MaxTokenLength == 0 || n < o.MaxTokenLength || n == 2 {
					counts[p] += words[i].count
				}
			}
		}
		var best [2]int32
		var most int64
		for p := range counts {
			counts[p] += kept[p]
			if n := counts[p]; n > most || n == most && slices.Compare(p[:], best[:]) < 0 {
				best, most = p, n
			}
		}
		if most < max(o.MinFrequency, 1) {
			break
		}
		id := add(string(m.Tokens[best[0]]) + string(m.Tokens[best[1]]))
		kept[best] = most
		for i, w := range all {
			var out []int32
			for j := 0; j < len(w); j++ {
				if j+1 == len(w) || w[j] != best[0] || w[j+1] != best[1] {
					out = append(out, w[j])
					continue
				}
				out = append(out, id)
				if j++; j+1 < len(w) && best[0] == best[1] && w[j+1] == best[0] {
					kept[best] -= words[i].count // it overlapped itself
				}
			}
			all[i] = out
		}
		m.Merges = slices.DeleteFunc(m.Merges, func(x Merge) bool { return x.Left == best[0] && x.Right == best[1] })
		m.Merges = append(m.Merges, Merge{best[0], best[1], id, most})
	}
	return &m
}

// anyWords are of few letters, so that pairs overlap, and tokens come about in several ways.
func anyWords() *rapid.Generator[[]word] {
	part := rapid.SampledFrom([]string{"a", "b", "c", "ab", "bc", "abc", "aa", "aaa", "中", "文"})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) word {
		return word{strings.Join(rapid.SliceOfN(part, 1, 8).Draw(t, "text"), ""), rapid.Int64Range(1, 12).Draw(t, "count")}
	}), 0, 30)
}

// TestNaive: the result is that of the naive trainer, whatever the order of the words and the number of goroutines.
func TestNaive(t *testing.T) {
	defer func(a, b int) { few, mostEntries = a, b }(few, mostEntries)
	rapid.Check(t, func(t *rapid.T) {
		few, mostEntries = rapid.SampledFrom([]int{0, 4, 4096}).Draw(t, "few"), rapid.SampledFrom([]int{1, 3, 1 << 20}).Draw(t, "entries")
		words := anyWords().Draw(t, "words")
		o := Options{
			Size: 258 + rapid.IntRange(0, 60).Draw(t, "size"), MinFrequency: rapid.Int64Range(0, 20).Draw(t, "least"),
			Special: []string{"<|end|>"}, Reserved: 1, MaxTokenLength: rapid.SampledFrom([]int{0, 0, 1, 2, 3, 5}).Draw(t, "length"),
		}
		want := naive(o, words)
		for _, n := range []int{1, 2, 7} {
			o.Goroutines = n
			if diff := cmp.Diff(want, train(t, o, words)); diff != "" {
				t.Fatalf("%d goroutines: %s", n, diff)
			}
			words = rapid.Permutation(words).Draw(t, "order")
		}
	})
}

// TestLarge: counts beyond 2^32 and 2^40, in cells of two and of four bytes, and what is too large is told.
func TestLarge(t *testing.T) {
	var words []word
	for i, text := range []string{"ab", "abc", "bcd", "cd", "dd", "aaaa", "abab", "dcba"} {
		for j, n := range []int64{1 << 14, 1<<15 - 1, 1 << 15, 1<<31 - 1, 1 << 31, 1<<32 + 5, 1<<40 + 7, 1 << 50} {
			words = append(words, word{text + strings.Repeat("xy", j) + strconv.Itoa(i), n - int64(i)})
		}
	}
	for _, size := range []int{400, 70_000} {
		want := naive(Options{Size: size, MinFrequency: 1 << 20}, words)
		if diff := cmp.Diff(want, train(t, Options{Size: size, MinFrequency: 1 << 20}, words)); diff != "" {
			t.Error(diff)
		}
		if n := want.Merges[0].Count; n < 1<<50 {
			t.Errorf("%d", n)
		}
	}
	k, err := New(Options{Size: 300})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		word
		want string
	}{
		{word{"ab", -1}, "negative"},
		{word{"ab", math.MaxInt64}, "64 bits"},
		{word{"ab", math.MaxInt64 / 2}, ""},
		{word{"ab", 1}, "64 bits"},
		{word{"a", 1}, ""},
	} {
		if err := k.Add([]byte(c.text), c.count); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %d times: %v", c.text, c.count, err)
		}
	}
}

// TestSegments: words lie in several parts of memory, and one of them is longer than a part; parts are freed as words become short.
func TestSegments(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	text := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "aaaabbcde"[rng.IntN(9)]
		}
		return string(b)
	}
	many := 2000
	if testing.Short() {
		many = 200
	}
	words := []word{{text(segmentSize + 100), 1}, {text(segmentSize - 2), 2}, {text(segmentSize - 1), 1 << 40}}
	for range many {
		words = append(words, word{text(1 + rng.IntN(300)), rng.Int64N(1 << 17)})
	}
	words = append(words, word{text(2*segmentSize + 1), 1}, word{text(9), 7})
	for range many {
		words = append(words, word{text(1 + rng.IntN(300)), rng.Int64N(1 << 17)})
	}
	want := naive(Options{Size: 264}, words)
	for _, size := range []int{264, 70_000} { // cells of two and of four bytes
		o := Options{Size: size}
		if size > 264 {
			o.MinFrequency = want.Merges[7].Count
		}
		for _, n := range []int{1, 3} {
			o.Goroutines = n
			if got := train(t, o, words); !cmp.Equal(want.Merges, got.Merges[:8]) {
				t.Errorf("%v, not %v", got.Merges, want.Merges)
			}
		}
	}
}

// TestCompact: words that are moved together are the words that there were, but for those without a pair.
func TestCompact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w words[uint16]
		var want []word
		for _, x := range anyWords().Draw(t, "words") {
			n := rapid.SampledFrom([]int{1, 1, 1, 1, 1, 1000, 1000, 1000, segmentSize / 30, segmentSize + 5}).Draw(t, "times")
			x.text = strings.Repeat(x.text, n)
			x.count <<= rapid.IntRange(0, 40).Draw(t, "shift")
			for i, b := range []byte(x.text) {
				if i == 0 {
					copy(w.add(len(x.text), x.count), make([]uint16, len(x.text)))
				}
				s := &w.segments[len(w.segments)-1]
				s.cells[s.used-1-len(x.text)+i] = uint16(b)
			}
			want = append(want, x)
		}
		for range 3 {
			// All but the first so many letters of each go.
			var kept []word
			left := rapid.IntRange(0, 5000).Draw(t, "letters")
			at := 0
			for i := range w.segments {
				w.each(&w.segments[i], func(_ uint32, ids []uint16, count int64) {
					x := want[at]
					at++
					if len(ids) != len(x.text) || count != x.count {
						t.Fatalf("%d ids of %d, %d times of %d", len(ids), len(x.text), count, x.count)
					}
					for j, id := range ids {
						if id != uint16(x.text[j]) {
							t.Fatal("another letter")
						}
					}
					if len(ids) > left {
						x.text = x.text[:left]
						ids[left] = special[uint16](end)
						for j := left + 1; j <= len(ids); j++ {
							ids[:len(ids)+1][j] = special[uint16](hole)
						}
					}
					if len(x.text) > 1 {
						kept = append(kept, x)
					}
				})
			}
			n := 0
			w.compact(w.segments, func(place uint32, ids []uint16, count int64) {
				if got, c := w.word(place); c != count || &got[0] != &ids[0] {
					t.Fatal("another word")
				}
				n++
			})
			w.drop()
			if at != len(want) || n != len(kept) {
				t.Fatalf("%d of %d words, %d of %d kept", at, len(want), n, len(kept))
			}
			want = kept
			sortAsStored(&w, want)
		}
	})
}

// sortAsStored puts words in the order of segments: long words stay where they are while others move in front of them.
func sortAsStored(w *words[uint16], list []word) {
	at := map[string][]word{}
	for _, x := range list {
		at[x.text] = append(at[x.text], x)
	}
	i := 0
	for k := range w.segments {
		w.each(&w.segments[k], func(_ uint32, ids []uint16, count int64) {
			text := make([]byte, len(ids))
			for j, id := range ids {
				text[j] = byte(id)
			}
			same := at[string(text)]
			j := slices.IndexFunc(same, func(x word) bool { return x.count == count })
			if j < 0 {
				list[i] = word{"lost", 0}
				return
			}
			list[i] = same[j]
			at[string(text)] = slices.Delete(same, j, j+1)
			i++
		})
	}
}

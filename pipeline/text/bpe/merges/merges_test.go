package merges

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// rules are some with the symbols that they are of.
type rules struct {
	symbols [][]byte
	initial []int32
	list    []Rule
}

// byHand merges a piece as the package says, looking at all pairs each time.
func (r *rules) byHand(piece string) (ids []int32) {
	of := map[string]int32{}
	for _, id := range r.initial {
		of[string(r.symbols[id])] = id
	}
	for _, c := range piece {
		id, ok := of[string(c)]
		if !ok {
			break
		}
		ids = append(ids, id)
	}
	for {
		least, at := Rule{Rank: never}, -1
		for i := 1; i < len(ids); i++ {
			for _, rule := range r.list {
				if rule.Left == ids[i-1] && rule.Right == ids[i] && rule.Rank < least.Rank {
					least, at = rule, i
				}
			}
		}
		if at < 0 {
			return ids
		}
		ids = slices.Replace(ids, at-1, at+1, least.To)
	}
}

// anyRules are rules over few letters. Trained ones are made by merging a text, others by chance: parts may come after what they make, and a symbol may be
// made in several ways.
func anyRules(t *rapid.T, letters string) *rules {
	r := &rules{}
	ids := map[string]int32{}
	symbol := func(text string) int32 {
		id, ok := ids[text]
		if !ok {
			id = int32(len(r.symbols))
			ids[text] = id
			r.symbols = append(r.symbols, []byte(text))
		}
		return id
	}
	for _, c := range letters {
		r.initial = append(r.initial, symbol(string(c)))
	}
	n := rapid.IntRange(0, 12).Draw(t, "rules")
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0: // of tokens that are there, in their order
		for rank := range n {
			left, right := rapid.IntRange(0, len(r.symbols)-1).Draw(t, "left"), rapid.IntRange(0, len(r.symbols)-1).Draw(t, "right")
			text := string(r.symbols[left]) + string(r.symbols[right])
			if len(text) <= 8 && !slices.ContainsFunc(r.list, func(o Rule) bool { return int(o.Left) == left && int(o.Right) == right }) {
				r.list = append(r.list, Rule{int32(left), int32(right), int32(rank), symbol(text)})
			}
		}
	case 1: // ranks of tiktoken: each way to cut a token, whose parts may come later
		texts := rapid.SliceOfNDistinct(rapid.StringOfN(rapid.RuneFrom([]rune(letters)), 2, 5, -1), 0, n, rapid.ID[string]).Draw(t, "tokens")
		for _, text := range texts {
			symbol(text)
		}
		for rank, text := range texts {
			for i := range text {
				left, okL := ids[text[:i]]
				right, okR := ids[text[i:]]
				if okL && okR {
					r.list = append(r.list, Rule{left, right, int32(rank), ids[text]})
				}
			}
		}
	case 2: // the same, in any order
		for rank := range n {
			left, right := rapid.IntRange(0, len(r.symbols)-1).Draw(t, "left"), rapid.IntRange(0, len(r.symbols)-1).Draw(t, "right")
			text := string(r.symbols[left]) + string(r.symbols[right])
			if len(text) <= 8 && !slices.ContainsFunc(r.list, func(o Rule) bool { return int(o.Left) == left && int(o.Right) == right }) {
				r.list = append(r.list, Rule{int32(left), int32(right), int32((rank*7 + 3) % 13), symbol(text)})
			}
		}
		slices.SortFunc(r.list, byRank)
		for i := range r.list { // no two have one rank
			r.list[i].Rank = int32(i)
		}
	}
	return r
}

// TestAppend: what is found directly, or by a heap, is what comes of merging by hand.
func TestAppend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.SampledFrom([]string{"ab", "abc", "a荆楚", "a"}).Draw(t, "letters")
		r := anyRules(t, letters)
		table, err := New(r.symbols, r.initial, r.list)
		if err != nil {
			t.Fatal(err)
		}
		e := table.Encoder()
		for range 4 {
			r.check(t, e, rapid.StringOfN(rapid.RuneFrom([]rune(letters+"x")), 0, 24, -1).Draw(t, "piece"))
		}
		for id, symbol := range r.symbols {
			if table.Direct() && table.Comes(int32(id)) != (len(r.byHand(string(symbol))) == 1) {
				t.Fatalf("whether %q comes about: %v", symbol, table.Comes(int32(id)))
			}
		}
	})
}

// check compares what an encoder makes of a piece with what comes of merging it by hand.
func (r *rules) check(t rapid.TB, e *Encoder, piece string) {
	t.Helper()
	want := r.byHand(piece)
	got, n := e.Append([]int32{}, []byte(piece))
	if diff := cmp.Diff(append([]int32{}, want...), got); diff != "" {
		t.Fatalf("%q: %s", piece, diff)
	}
	known, _, _ := strings.Cut(piece, "x")
	if n != len(known) {
		t.Fatalf("%q: %d bytes", piece, n)
	}
	if merged, _ := e.merge([]int32{}, []byte(piece)); !slices.Equal(merged, got) {
		t.Fatalf("%q: %v, by a heap %v", piece, got, merged)
	}
}

// TestAppendBothWays: the same of all short pieces, by one set of rules that is applied directly and by one that takes a heap, as a part comes after what
// is made of it.
func TestAppendBothWays(t *testing.T) {
	symbols := [][]byte{[]byte("a"), []byte("b"), []byte("aa"), []byte("aab")}
	first, second := Rule{Left: 0, Right: 0, To: 2}, Rule{Left: 2, Right: 1, To: 3}
	for _, direct := range []bool{true, false} {
		first.Rank, second.Rank = 0, 1
		if !direct {
			first.Rank, second.Rank = 1, 0
		}
		r := &rules{symbols: symbols, initial: []int32{0, 1}, list: []Rule{first, second}}
		slices.SortFunc(r.list, byRank)
		table, err := New(r.symbols, r.initial, r.list)
		if err != nil {
			t.Fatal(err)
		}
		if table.Direct() != direct {
			t.Fatalf("directly: %v, want %v", table.Direct(), direct)
		}
		e := table.Encoder()
		for piece := range pieces("abx", 7) {
			r.check(t, e, piece)
		}
	}
}

// pieces are all texts of some letters that are not longer than most.
func pieces(letters string, most int) iter.Seq[string] {
	return func(yield func(string) bool) {
		list := []string{""}
		for range most {
			var longer []string
			for _, piece := range list {
				for _, c := range letters {
					longer = append(longer, piece+string(c))
				}
			}
			list = longer
			for _, piece := range list {
				if !yield(piece) {
					return
				}
			}
		}
	}
}

// doubling are the rules that make a, aa, aaaa and so on, or all numbers of a up to most.
func doubling(most int, all bool) *rules {
	r := &rules{symbols: [][]byte{[]byte("a"), []byte("b")}, initial: []int32{0, 1}}
	ids := map[int]int32{1: 0}
	for n := 2; n <= most; {
		id := int32(len(r.symbols))
		r.symbols = append(r.symbols, bytes.Repeat([]byte{'a'}, n))
		left := n / 2
		if all {
			left = n - 1
		}
		r.list = append(r.list, Rule{ids[left], ids[n-left], int32(len(r.list)), id})
		ids[n] = id
		if all {
			n++
		} else {
			n *= 2
		}
	}
	return r
}

// TestRuns: runs of one letter are cut as by merging, and a long one takes no time in the square of its length: 10^6 letters would take hours.
func TestRuns(t *testing.T) {
	for _, r := range []*rules{doubling(64, false), doubling(40, true)} {
		table, err := New(r.symbols, r.initial, r.list)
		if err != nil {
			t.Fatal(err)
		}
		e := table.Encoder()
		for n := range 200 {
			piece := strings.Repeat("a", n) + "b" + strings.Repeat("a", n/3)
			if got, _ := e.Append(nil, []byte(piece)); !slices.Equal(got, r.byHand(piece)) {
				t.Fatalf("%q: %v", piece, got)
			}
		}
		for _, piece := range []string{strings.Repeat("a", 1_000_003), strings.Repeat("ab", 500_000), strings.Repeat("aab", 300_000)} {
			got, n := e.Append(nil, []byte(piece))
			merged, _ := e.merge(nil, []byte(piece))
			if n != len(piece) || !slices.Equal(got, merged) {
				t.Errorf("%.6q…: %d bytes, %d symbols", piece, n, len(got))
			}
		}
	}
}

func TestNewErrors(t *testing.T) {
	symbols := [][]byte{[]byte("a"), []byte("b"), []byte("ab")}
	for _, c := range []struct {
		rule Rule
		want string
	}{
		{Rule{0, 1, -1, 2}, "the rank -1"},
		{Rule{0, 1, 0, 1}, "not its two parts"},
	} {
		if _, err := New(symbols, []int32{0, 1}, []Rule{c.rule}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.rule, err)
		}
	}
}

// TestTrie: the longest symbol that a text begins with is found, whatever symbols there are.
func TestTrie(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfDistinct(rapid.OneOf(rapid.StringOfN(rapid.RuneFrom([]rune("ab\x00\u00ff一丁丂\uffff\U0001f600")), 1, 6, -1), rapid.Map(rapid.SliceOfN(rapid.Byte(), 1, 3), func(b []byte) string { return string(b) })), rapid.ID[string]).Draw(t, "symbols")
		var symbols [][]byte
		for _, text := range texts {
			symbols = append(symbols, []byte(text))
		}
		prefixes := map[int32]int32{}
		tr, err := newTrie(symbols, func(id int32) bool { return id%5 != 4 }, func(id, prefix int32) { prefixes[id] = prefix })
		if err != nil {
			t.Fatal(err)
		}
		longest := func(text string, but int32) int32 {
			best := int32(-1)
			for id, s := range texts {
				if id%5 != 4 && int32(id) != but && strings.HasPrefix(text, s) && (best < 0 || len(s) > len(texts[best])) {
					best = int32(id)
				}
			}
			return best
		}
		for id, s := range texts {
			for _, text := range []string{s, s + "a", s[:len(s)-1], s + "\U0001f600一"} {
				got, size := tr.longest([]byte(text))
				if got != longest(text, -1) || got >= 0 && int(size) != len(texts[got]) {
					t.Fatalf("%q: %d, want %d", text, got, longest(text, -1))
				}
			}
			if id%5 != 4 && prefixes[int32(id)] != longest(s, int32(id)) {
				t.Fatalf("%q begins with %d, want %d", s, prefixes[int32(id)], longest(s, int32(id)))
			}
		}
	})
}

// FuzzAppend: so it is for rules over bytes that a fuzzer thinks of: each byte of made is two symbols that become one.
func FuzzAppend(f *testing.F) {
	f.Add([]byte{0x01, 0x20, 0x13}, []byte("abcab"))
	f.Fuzz(func(t *testing.T, made, piece []byte) {
		r := &rules{symbols: [][]byte{[]byte("a"), []byte("b"), []byte("c")}, initial: []int32{0, 1, 2}}
		ids := map[string]int32{"a": 0, "b": 1, "c": 2}
		for rank, b := range made[:min(len(made), 40)] {
			left, right := int32(b>>4)%int32(len(r.symbols)), int32(b&15)%int32(len(r.symbols))
			text := string(r.symbols[left]) + string(r.symbols[right])
			if len(text) > 12 || slices.ContainsFunc(r.list, func(o Rule) bool { return o.Left == left && o.Right == right }) {
				continue
			}
			id, ok := ids[text]
			if !ok {
				id = int32(len(r.symbols))
				ids[text] = id
				r.symbols = append(r.symbols, []byte(text))
			}
			r.list = append(r.list, Rule{left, right, int32(rank), id})
		}
		for i := range piece {
			piece[i] = 'a' + piece[i]%3
		}
		table, err := New(r.symbols, r.initial, r.list)
		if err != nil {
			t.Fatal(err)
		}
		got, n := table.Encoder().Append(nil, piece)
		if want := r.byHand(string(piece)); n != len(piece) || !slices.Equal(got, want) {
			t.Fatal(fmt.Sprint(got, want, n))
		}
	})
}

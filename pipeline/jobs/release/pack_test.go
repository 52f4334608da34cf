package release

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/tokens"
)

// packed is a sequence, and whose parts are in it.
type packed struct {
	Tokens []int32
	Starts []int32
	Padded int
	Parts  []part
}

// packAll packs documents: document i has ids that tell it and the place in it.
func packAll(t testing.TB, e *recipe.Encode, lengths []int) (list []packed) {
	t.Helper()
	p := newPacker(e, -7, func(s *tokens.Sequence, parts []part) error {
		if len(s.Starts) != len(parts) || len(s.IDs) != len(parts) {
			t.Errorf("%d starts, %d ids, %d parts", len(s.Starts), len(s.IDs), len(parts))
		}
		for i := range parts {
			if s.IDs[i] != parts[i].id {
				t.Errorf("part %d is of %x, the sequence says %x", i, parts[i].id, s.IDs[i])
			}
		}
		list = append(list, packed{slices.Clone(s.Tokens), slices.Clone(s.Starts), s.Padded, slices.Clone(parts)})
		return nil
	})
	for i, n := range lengths {
		ids := make([]int32, n)
		for k := range ids {
			ids[k] = int32(i)<<12 | int32(k)
		}
		if err := p.add(part{id: [16]byte{byte(i), byte(i >> 8)}, copy: i % 3, first: true, row: releasedRow{tokens: n}}, ids); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.end(); err != nil {
		t.Fatal(err)
	}
	return list
}

// Every token of every document is in the sequences exactly once, its parts have numbers in order and no holes, and one part begins the document; sequences
// are as long as is asked for, with nothing behind their parts but what fills them up.
func TestPack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		e := &recipe.Encode{Longest: rapid.SampledFrom([]int{0, 0, 1, 5, 16, 40}).Draw(rt, "longest")}
		e.Pack.How = rapid.SampledFrom([]string{recipe.PackNone, recipe.PackConcat, recipe.PackBestFit}).Draw(rt, "how")
		e.Pack.Length = rapid.SampledFrom([]int{1, 2, 7, 16, 33}).Draw(rt, "length")
		lengths := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(1, 10), rapid.IntRange(1, 150)), 0, 200).Draw(rt, "documents")
		if e.Pack.How == recipe.PackBestFit && rapid.Bool().Draw(rt, "many") { // several windows
			for len(lengths) < 2*windowLengths && len(lengths) > 0 {
				lengths = append(lengths, lengths...)
			}
		}
		type piece struct{ number, at, tokens int }
		of := make([][]piece, len(lengths))
		for i, s := range packAll(t, e, lengths) {
			end := len(s.Tokens) - s.Padded
			if e.Pack.How != recipe.PackNone && len(s.Tokens) != e.Pack.Length || e.Pack.How == recipe.PackNone && (s.Padded > 0 || len(s.Parts) != 1) {
				rt.Fatalf("sequence %d has %d tokens, %d of them no text", i, len(s.Tokens), s.Padded)
			}
			if s.Padded > 0 && e.Pack.How == recipe.PackConcat && end == 0 {
				rt.Fatal("a sequence without text")
			}
			for _, id := range s.Tokens[end:] {
				if id != -7 {
					rt.Fatalf("filled up with %d", id)
				}
			}
			at := 0
			for k := range s.Parts {
				p := &s.Parts[k]
				if int(s.Starts[k]) != at || p.tokens < 1 || e.Longest > 0 && p.tokens > e.Longest {
					rt.Fatalf("part %d of sequence %d begins at %d, not %d, and has %d tokens", k, i, s.Starts[k], at, p.tokens)
				}
				d := int(p.id[0]) | int(p.id[1])<<8
				ids := s.Tokens[at : at+p.tokens]
				if p.copy != d%3 || p.row.tokens != lengths[d] || p.first != (p.number == 0) {
					rt.Fatalf("%+v", p)
				}
				for j, id := range ids {
					if id != int32(d)<<12|(ids[0]&0xFFF+int32(j)) {
						rt.Fatalf("sequence %d: token %x of document %d at %d", i, id, d, at+j)
					}
				}
				of[d] = append(of[d], piece{p.number, int(ids[0] & 0xFFF), p.tokens})
				at += p.tokens
			}
			if at != end {
				rt.Fatalf("%d tokens of parts in %d", at, end)
			}
		}
		for d, list := range of {
			slices.SortFunc(list, func(a, b piece) int { return a.number - b.number })
			at := 0
			for k, p := range list {
				if p.number != k || p.at != at {
					rt.Fatalf("document %d: %v", d, list)
				}
				at += p.tokens
			}
			if at != lengths[d] {
				rt.Fatalf("document %d has %d tokens of %d", d, at, lengths[d])
			}
		}
	})
}

// What each way of packing makes of the same documents, by hand.
func TestPackBySight(t *testing.T) {
	for _, c := range []struct {
		how             string
		longest, length int
		lengths         []int
		want            []string // document.number×tokens
	}{
		{recipe.PackNone, 0, 0, []int{3, 1}, []string{"0.0×3", "1.0×1"}},
		{recipe.PackNone, 2, 0, []int{3, 1}, []string{"0.0×2", "0.1×1", "1.0×1"}},
		{recipe.PackConcat, 0, 4, []int{3, 6, 1}, []string{"0.0×3 1.0×1", "1.1×4", "1.2×1 2.0×1 +2"}},
		{recipe.PackConcat, 2, 4, []int{3, 6}, []string{"0.0×2 0.1×1 1.0×1", "1.1×1 1.2×2 1.3×1", "1.4×1 +3"}},
		{recipe.PackBestFit, 0, 4, []int{1, 3, 2, 2}, []string{"1.0×3 0.0×1", "2.0×2 3.0×2"}},
		{recipe.PackBestFit, 0, 4, []int{6, 1}, []string{"0.0×4", "0.1×2 1.0×1 +1"}},
	} {
		e := &recipe.Encode{Longest: c.longest}
		e.Pack.How, e.Pack.Length = c.how, c.length
		var got []string
		for _, s := range packAll(t, e, c.lengths) {
			var text []string
			for i := range s.Parts {
				p := &s.Parts[i]
				text = append(text, fmt.Sprintf("%d.%d×%d", p.id[0], p.number, p.tokens))
			}
			if s.Padded > 0 {
				text = append(text, fmt.Sprintf("+%d", s.Padded))
			}
			got = append(got, strings.Join(text, " "))
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%+v: %s", c, d)
		}
	}
}

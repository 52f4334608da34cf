package dedupe

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestLike: what is found to resemble a text is what a run would have taken for duplicates of it.
func TestLike(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	base := chinese(r, 400)
	documents := []string{base, strings.ReplaceAll(base, "，", " "), "短文。", "短文", chinese(r, 400)}
	for share := range 60 {
		documents = append(documents, substitute(r, base, 3*share))
	}
	cfg := Default()
	cfg.Threshold = .999 // so that all are kept but those of one key
	cfg.SameKey = false
	c := newCorpus(cfg)
	out := c.run(t, 3, documents[:30], documents[30:])
	var kept []string
	for i, d := range documents {
		if out.kept[i] {
			kept = append(kept, d)
		}
	}
	cfg = Default()
	ref := &reference{cfg: cfg}
	for _, text := range []string{base, "短文", substitute(r, base, 20), chinese(r, 300), "无"} {
		l, err := NewLike(cfg, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]bool, len(kept))
		compare := l.Comparer()
		all := int64(len(kept))
		for _, part := range [][2]int64{{0, 7}, {7, 8}, {8, 8}, {8, all}} {
			err = l.Candidates(t.Context(), c.store, c.history[0].Signatures, part[0], part[1], func(rank int64, sure bool) error {
				if rank < part[0] || rank >= part[1] || got[rank] {
					t.Errorf("document %d among %v, or once more", rank, part)
				}
				got[rank] = sure || compare([]byte(kept[rank]))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		want := make([]bool, len(kept))
		with := ref.sketch([]string{text})[0]
		for i, k := range ref.sketch(kept) {
			kind, _ := ref.resembles(with, k)
			want[i] = kind != 0
		}
		if !slices.Equal(got, want) {
			t.Errorf("%.10s…: found %v, want %v", text, got, want)
		}
	}
	if _, err := NewLike(cfg, nil); err == nil {
		t.Error("an empty text resembles what?")
	}
}

// TestLikeFindsDamage: a record that is not what was written is told, and not taken for one that resembles nothing.
func TestLikeFindsDamage(t *testing.T) {
	c := newCorpus(Default())
	r := rand.New(rand.NewPCG(23, 24))
	text := chinese(r, 200)
	c.run(t, 1, []string{text, chinese(r, 100)})
	name := c.history[0].Signatures[0]
	whole := slices.Clone(c.store.files[name])
	l, err := NewLike(Default(), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, 9, 17, 25, signaturesHead, signaturesHead + recordBytes + 3, len(whole) - 1} {
		bad := slices.Clone(whole)
		bad[at] ^= 1
		c.store.files[name] = bad
		if err := l.Candidates(t.Context(), c.store, []string{name}, 0, 2, func(int64, bool) error { return nil }); err == nil {
			t.Errorf("byte %d: not found", at)
		}
	}
	c.store.files[name] = whole[:len(whole)-5]
	if err := l.Candidates(t.Context(), c.store, []string{name}, 0, 2, func(int64, bool) error { return nil }); err == nil {
		t.Error("cut off: not found")
	}
}

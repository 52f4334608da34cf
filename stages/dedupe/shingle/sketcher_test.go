package shingle

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// slowSketch is the definition of the sketch: map, loops, no trick.
func slowSketch(key []uint32) (slots [slotCount]uint64) {
	set := map[uint32]bool{}
	for i := 0; i+gram <= len(key); i++ {
		var x uint64
		for _, r := range key[i : i+gram] {
			x = bits.RotateLeft64(x, 11) ^ uint64(r)*spread
		}
		x ^= x >> 32
		x *= finish
		set[uint32(x>>32)] = true
	}
	for i := range slots {
		slots[i] = emptySlot
	}
	for h := range set {
		slots[h%256] = min(slots[h%256], uint64(h))
	}
	for j := uint64(1); j < 512 && slices.Contains(slots[:], emptySlot); j++ {
		next := slots
		for h := range set {
			a, b := roundKeys(j)
			g := uint32((a*uint64(h) + b) >> 32)
			slot := int(g % 256)
			if j >= 256 {
				slot = int(j - 256)
			}
			if slots[slot] == emptySlot {
				next[slot] = min(next[slot], j<<32|uint64(g))
			}
		}
		slots = next
	}
	return slots
}

// randomKey makes a key text with frequent and rare characters.
func randomKey(r *rand.Rand, n int) []uint32 {
	key := make([]uint32, n)
	for i := range key {
		f := r.Float64()
		key[i] = 0x4E00 + uint32(f*f*f*4000)
	}
	return key
}

func TestSketchIsItsDefinition(t *testing.T) {
	var s sketcher
	r := rand.New(rand.NewPCG(1, 2))
	check := func(name string, key []uint32) {
		t.Helper()
		s.sketch(key)
		if d := cmp.Diff(slowSketch(key), s.slots); d != "" {
			t.Errorf("%s, %d code points: %s", name, len(key), d)
		}
	}
	for n := gram; n < 50; n++ {
		check("short", randomKey(r, n))
	}
	for _, n := range []int{100, 599, 600, 601, 1500, 4099, 4100, 4101, 5000, 8200, 20000} {
		check("ordinary", randomKey(r, n))
	}
	for _, n := range []int{20, 500, 4100, 9000} {
		check("one character", make([]uint32, n))
		period := randomKey(r, 37)
		var key []uint32
		for len(key) < n {
			key = append(key, period...)
		}
		check("repeating", key[:n])
	}
}

func TestSketchIsAFunctionOfTheSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// All different: texts of few characters have other shingles, as they grow.
		key := rapid.SliceOfNDistinct(rapid.Uint32Range(0x4E00, 0x9FFF), gram, 200, rapid.ID).Draw(t, "key")
		var once, twice sketcher
		once.sketch(key)
		// A period more adds the shingles over the seam; a second one adds none.
		period := append(slices.Clone(key), key...)
		once.sketch(append(period, key...))
		twice.sketch(append(append(period, key...), period...))
		if once.slots != twice.slots {
			t.Fatal("repeats changed the sketch")
		}
	})
}

// Golden slots: the sketch is part of the index format, so they never change within one.
func TestSketchGolden(t *testing.T) {
	var s sketcher
	var key []uint32
	for _, r := range "荆楚大地涌动温暖潮1994年元旦" {
		key = append(key, uint32(r))
	}
	s.sketch(key)
	got := []uint64{s.slots[0], s.slots[1], s.slots[2], s.slots[127], s.slots[254], s.slots[255]}
	want := []uint64{147285938944, 339055617, 2032202242, 81795329663, 6431976446, 215917436927}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// The shingle hash must keep 5-grams of neighbouring code points apart: digits are the densest text there is.
func TestShingleHashKeepsDigitsApart(t *testing.T) {
	seen := make([]uint32, 0, 100000)
	for i := range uint32(100000) {
		w := [gram]uint32{'0' + i%10, '0' + i/10%10, '0' + i/100%10, '0' + i/1000%10, '0' + i/10000}
		seen = append(seen, shingleHash(&w))
	}
	slices.Sort(seen)
	// n²/2³³ = 1.2 pairs are expected to collide by chance.
	if n := len(seen) - len(slices.Compact(seen)); n > 8 {
		t.Errorf("%d collisions among 100000 hashes", n)
	}
}

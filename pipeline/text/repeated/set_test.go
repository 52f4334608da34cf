package repeated

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestSet holds it to a map, over texts one after the other.
func TestSet(t *testing.T) {
	var s Set
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.StringMatching(`[ab]{0,60}`).Draw(t, "text"))
		n := rapid.IntRange(0, 200).Draw(t, "spans")
		if rapid.Bool().Draw(t, "last round") && len(s.slots) > 0 {
			s.round = math.MaxUint32
		}
		s.Reset(n)
		seen := map[string]bool{}
		for range n {
			from := rapid.IntRange(0, len(text)).Draw(t, "from")
			to := rapid.IntRange(from, len(text)).Draw(t, "to")
			if got, want := s.Seen(text, from, to), seen[string(text[from:to])]; got != want {
				t.Fatalf("%q was seen: %v, not %v", text[from:to], got, want)
			}
			seen[string(text[from:to])] = true
		}
	})
}

// TestShrinks: what a text of many spans needed is not kept.
func TestShrinks(t *testing.T) {
	var s Set
	s.Reset(10)
	for _, spans := range []int{1 << 20, 10} {
		s.Reset(spans)
		if s.Seen([]byte("ab"), 0, 1) || !s.Seen([]byte("ab"), 0, 1) {
			t.Error("not empty, or forgetful")
		}
	}
	if n := len(s.slots); n > ordinarySlots {
		t.Errorf("%d slots", n)
	}
}

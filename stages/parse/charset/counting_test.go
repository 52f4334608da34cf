package charset

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestCountThrees holds the counts to those of one byte after the other, whatever stands at the seams.
func TestCountThrees(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 9))
	pieces := []string{"文", "\xE4", "\xE4\xB8", "\x80", "\xBF\xC0", "a", "é", "\xF0\x9F\x98\x80", "\xEF\xBF\xBF", "\xD6\xD0\xCE\xC4"}
	for range 3000 {
		var b []byte
		for range rng.IntN(120) {
			b = append(b, pieces[rng.IntN(len(pieces))]...)
		}
		high, threes := 0, 0
		for i, c := range b {
			if c < 0x80 {
				continue
			}
			high++
			if c&0xF0 == 0xE0 && i+2 < len(b) && continued(b[i+1:i+3]) {
				threes++
			}
		}
		if gotHigh, got := countThrees(append(b, "\x80\x80"...)[:len(b)]); gotHigh != high || got != threes {
			t.Fatalf("%d and %d, want %d and %d, of % x", gotHigh, got, high, threes, b)
		}
	}
}

// TestLeastReplaced holds the bound to what the decoder cannot decode, and the cost of UTF-8 that follows from it to what is weighed.
func TestLeastReplaced(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 9))
	pieces := []string{
		"文", "\xE4", "\xE4\xB8", "\x80", "\xBF\xC0", "a", " ", "\n", "\x00", "é", "\xF0\x9F\x98\x80", "\xF0\x9F\x98", "\xF4\x90\x80", "\xE0\x80\x80",
		"\xEF\xBF\xBD", "\xD6\xD0\xCE\xC4", "\xC1\x80", "\xFF", "\xA4\xE9\xA4\xE5",
	}
	skipped := 0
	for i := range 6000 {
		var b []byte
		some := pieces[:1+rng.IntN(len(pieces))]
		for range rng.IntN(150) {
			b = append(b, some[rng.IntN(len(some))]...)
		}
		least, kinds := leastReplaced(b), compositionOf(b)
		e := quickly(UTF8, b, 0, i%2 == 0, math.MaxInt)
		if int64(least) > e.Replaced {
			t.Fatalf("at least %d cannot be decoded of % x, but %d cannot", least, b, e.Replaced)
		}
		if kinds.random(0)+least*costReplaced > e.cost {
			t.Fatalf("% x costs %d, less than %d and %d times %d", b, e.cost, kinds.random(0), least, costReplaced)
		}
		if least > 0 {
			skipped++
		}
	}
	if skipped < 1000 {
		t.Errorf("the bound says something in %d cases", skipped)
	}
}

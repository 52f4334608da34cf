package charset

import (
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

package shingle

import (
	"math/rand/v2"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// chinese makes a text of n characters.
func chinese(r *rand.Rand, n int) string {
	var b strings.Builder
	for i := range n {
		f := r.Float64()
		b.WriteRune(rune(0x4E00 + int(f*f*f*4000)))
		if i%23 == 22 {
			b.WriteRune('，')
		}
	}
	return b.String()
}

// substitute replaces n characters.
func substitute(r *rand.Rand, text string, n int) string {
	runes := []rune(text)
	for range n {
		runes[r.IntN(len(runes))] = rune(0x7000 + r.IntN(5000))
	}
	return string(runes)
}

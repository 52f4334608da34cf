package shingle

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// Parts give what sets give, for ordinary text, for repeats and for stretches of few characters.
func TestPartsAreTheSet(t *testing.T) {
	r := rand.New(rand.NewPCG(70, 71))
	digits := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(byte('0' + r.IntN(10)))
		}
		return b.String()
	}
	text := chinese(r, 9000)
	number := digits(3000)
	list := []string{
		text, substitute(r, text, 300), text[:len(text)/9*3] + strings.Repeat("春眠不覺曉", 500), number, number[:2000] + digits(1000),
		chinese(r, 5000) + number, strings.Repeat("a", 9000), "春", "",
	}
	var probe Probe
	var sets Shingler
	for _, a := range list {
		for _, b := range list {
			probe.Fill(append([]uint64(nil), sets.Set([]byte(a))...))
			want := probe.Compare(sets.Set([]byte(b)))
			for _, parts := range []uint64{1, 3} {
				got, ok := compareParts(NewLongText([]byte(a)), NewLongText([]byte(b)), parts)
				if !ok || got != want {
					t.Errorf("%d and %d bytes in %d parts: %v, want %v", len(a), len(b), parts, got, want)
				}
			}
		}
	}
}

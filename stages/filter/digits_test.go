package filter

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Every code point counts if it is a digit of Unicode, whatever stands around it.
func TestDigits(t *testing.T) {
	for r := range rune(unicode.MaxRune + 1) {
		if !utf8.ValidRune(r) {
			continue
		}
		want := 0
		if unicode.Is(unicode.Nd, r) {
			want = 1
		}
		if got := countDigits([]byte("一" + string(r) + "a")); got != want {
			t.Errorf("%U: %d, want %d", r, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringOf(rapid.RuneFrom([]rune("0一a"), unicode.Nd, unicode.Han, unicode.L)).Draw(t, "text")
		want := 0
		for _, r := range in {
			if unicode.Is(unicode.Nd, r) {
				want++
			}
		}
		if got := countDigits([]byte(in)); got != want {
			t.Fatalf("%q: %d, want %d", in, got, want)
		}
	})
}

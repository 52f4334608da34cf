package lists

import (
	"testing"
	"unicode"
)

// TestFold: the tables are what they stand for, of every character of the basic plane.
func TestFold(t *testing.T) {
	for r := range rune(1 << 16) {
		want := r
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			want = r - 0xFEE0
		case r == 0x3000 || r == 0xA0:
			want = ' '
		}
		if low := unicode.ToLower(want); low < 1<<16 {
			want = low
		}
		if got := foldRune(r); got != want {
			t.Errorf("the fold of %U is %U, want %U", r, got, want)
		}
		if got, want := isBordered(r), unicode.IsLetter(want) && unicode.In(want, unicode.Latin, unicode.Cyrillic, unicode.Greek); got != want {
			t.Errorf("words end at %U: %v, want %v", r, got, want)
		}
	}
}

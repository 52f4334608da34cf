package bpe

import (
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// TestPlain: what is plain is in NFC by itself, and behind any other character.
func TestPlain(t *testing.T) {
	count := 0
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		text := []byte(string(r))
		if !plain(text) {
			continue
		}
		count++
		if p := norm.NFC.Properties(text); !p.BoundaryBefore() || p.CCC() != 0 || !norm.NFC.IsNormal(text) {
			t.Errorf("%U", r)
		}
	}
	if count < 90_000 {
		t.Errorf("only %d characters are plain", count)
	}
	for text, want := range map[string]bool{"": true, "e\u0301": false, "é荆楚，。！“” 2026年\u3000Ж\U0001f600": true, "か\u3099": false, "\u212b": false, "ᄀ": false, "\xe4\xb8": false} {
		if got := plain([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

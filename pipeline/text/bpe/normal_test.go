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

// TestNormalize: what the library does not know stays as it is, with marks behind it, and all else is as in package norm.
func TestNormalize(t *testing.T) {
	for _, c := range []struct {
		form       norm.Form
		text, want string
	}{
		{norm.NFKC, "ａ㋿ｂ", "a㋿b"},
		{norm.NFKD, "ꟲ\u0301é\U0001fbf0", "ꟲ\u0301e\u0301\U0001fbf0"},
		{norm.NFKC, "\U000107b1\U000107b0", "\U000107b1\U000107b0"},
		{norm.NFD, "\U00011938é", "\U00011938e\u0301"},
		{norm.NFKC, "\U00011935\U00011930", "\U00011935\U00011930"},
		{norm.NFC, "e\u0301㋿", "é㋿"},
		{norm.NFKC, "", ""},
		{norm.NFKC, "㋾", "ヲ"},
	} {
		if got := string(Normalize(c.form, []byte("e"), []byte(c.text))); got != "e"+c.want {
			t.Errorf("%v of %q: %q, want %q", c.form, c.text, got, "e"+c.want)
		}
	}
	count := 0
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if unknownForm(r) {
			count++
		}
	}
	if count != 74 {
		t.Errorf("%d characters are unknown", count)
	}
}

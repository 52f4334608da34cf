package bpe

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// plain says of a text of ASCII, Latin, Cyrillic, Chinese, Japanese and signs that it is in NFC: of characters that are none of another one, and that
// none before them takes up. It may say no of others. It is some times as fast as asking for each character.
func plain(text []byte) bool {
	for i := 0; i < len(text); {
		b := text[i]
		if b < utf8.RuneSelf {
			i++
			continue
		}
		size := 2
		switch {
		case b < 0xE0:
			if b > 0xCB && b != 0xD0 && b != 0xD1 { // up to U+02FF, and U+0400 to U+047F
				return false
			}
		case b < 0xF0:
			size = 3
		default:
			size = 4
		}
		if i+size > len(text) {
			return false
		}
		switch second, last := text[i+1], text[i+size-1]; b {
		case 0xE2: // U+2010 to U+20CF, U+2140 to U+22FF, U+2340 to U+2ABF
			if second < 0x80 || second == 0x80 && last < 0x90 || second == 0x83 && last > 0x8F || second == 0x84 || second == 0x8C || second > 0xAA {
				return false
			}
		case 0xE3: // all but marks
			if second == 0x80 && last > 0xA9 && last < 0xB0 || second == 0x82 && (last == 0x99 || last == 0x9A) {
				return false
			}
		case 0xEF: // U+FF00 to U+FF5E
			if second != 0xBC && (second != 0xBD || last > 0x9E) {
				return false
			}
		case 0xF0: // U+1F000 to U+1FFFF, U+20000 to U+2EFFF
			if second < 0x9F || second > 0xAE {
				return false
			}
		case 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9:
		default:
			if size > 2 {
				return false
			}
		}
		i += size
	}
	return true
}

// Normalize is one of Unicode's forms as Hugging Face's tokenizers has it, whose tables are older: there are characters of which it does not know what they are made
// of. All others are as in package norm. It appends the text in that form to dst.
func Normalize(form norm.Form, dst, text []byte) []byte {
	start := 0
	for i := 0; i < len(text); {
		if text[i] < 0xE3 || text[i] > 0xF0 { // none of them begins so
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if unknownForm(r) {
			dst = append(append(dst, form.Bytes(text[start:i])...), text[i:i+size]...)
			start = i + size
		}
		i += size
	}
	return append(dst, form.Bytes(text[start:])...)
}

// unknownForm says of a character that the library does not know what it is made of, or, of U+11930, what it is a part of.
func unknownForm(r rune) bool {
	switch {
	case r == 0x32FF, r >= 0xA7F2 && r <= 0xA7F4, r == 0xAB69, r == 0x11930, r == 0x11938, r == 0x1F16C, r >= 0x1FBF0 && r <= 0x1FBF9:
		return true
	}
	return r >= 0x10781 && r <= 0x107BA && r != 0x10786 && r != 0x107B1
}

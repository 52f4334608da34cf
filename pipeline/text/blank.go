package text

import "unicode"

// Blank says whether a code point leaves nothing to be seen, alone on a line: white space of any width, control characters, and
// the marks of no width that word processors and concatenated files leave (ZWSP, WJ, BOM).
func Blank(r rune) bool {
	switch {
	case r < 0x80:
		return r <= ' ' || r == 0x7F
	case r == 0x200B, r == 0x2060, r == 0xFEFF:
		return true
	}
	return r <= 0x9F || unicode.IsSpace(r)
}

package parse

import (
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
)

// repair appends src, of which the first good bytes are valid UTF-8, to dst with each invalid sequence replaced by one
// U+FFFD, and returns how many bytes were invalid. A sequence is the maximal subpart of Unicode 3.9 and the WHATWG
// encoding standard, as in browsers and Python. It gives up with ok false once more than allowed bytes are invalid.
func repair(dst, src []byte, good int, allowed int64) (out []byte, invalid int64, ok bool) {
	for {
		dst = append(dst, src[:good]...)
		src = src[good:]
		if len(src) == 0 {
			return dst, invalid, true
		}
		n := invalidSequence(src)
		invalid += int64(n)
		if invalid > allowed {
			return dst, invalid, false
		}
		dst = utf8.AppendRune(dst, utf8.RuneError)
		src = src[n:]
		good = text.ValidPrefix(src)
	}
}

// invalidSequence is the length of the maximal subpart with which b, that does not begin with a character, begins.
func invalidSequence(b []byte) int {
	size, lo, hi := 1, byte(0x80), byte(0xBF) // of the character; what its second byte may be
	switch c := b[0]; {
	case c < 0xC2 || c > 0xF4:
	case c < 0xE0:
		size = 2
	case c < 0xF0:
		size = 3
	default:
		size = 4
	}
	switch b[0] {
	case 0xE0:
		lo = 0xA0
	case 0xED:
		hi = 0x9F
	case 0xF0:
		lo = 0x90
	case 0xF4:
		hi = 0x8F
	}
	n := 1
	for n < min(size, len(b)) && lo <= b[n] && b[n] <= hi {
		n++
		lo, hi = 0x80, 0xBF
	}
	return n
}

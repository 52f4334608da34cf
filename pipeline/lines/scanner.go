package lines

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
)

// LongChars is how many characters a line has at least that is not short, in the form in which lines are compared.
const LongChars = 8

// Scanner takes texts apart into lines. It keeps scratch memory, and is used by one goroutine.
type Scanner struct{ line []byte }

// Each calls yield with every line of a text, which ends with a line feed or with the text: as it stands there, and its key in a group, 0 where
// nothing is on it.
func (s *Scanner) Each(t []byte, g Group, yield func(raw []byte, key uint64)) {
	for len(t) > 0 {
		raw := t
		if end := bytes.IndexByte(t, '\n'); end >= 0 {
			raw, t = t[:end], t[end+1:]
		} else {
			t = nil
		}
		var key uint64
		var chars int
		if s.line, chars = AppendLine(s.line[:0], raw); chars > 0 {
			key = g.Line(s.line, chars)
		}
		yield(raw, key)
	}
}

// asciiForms are what ASCII becomes: 0 is a blank.
var asciiForms = func() (forms [utf8.RuneSelf]byte) {
	for c := range forms {
		switch {
		case text.Blank(rune(c)):
		case '0' <= c && c <= '9':
			forms[c] = '0'
		default:
			forms[c] = byte(c)
		}
	}
	return forms
}()

// AppendLine appends a line to dst in the form in which lines are compared, and says how many characters that are. It is no longer than the line.
func AppendLine(dst, raw []byte) (_ []byte, chars int) {
	begin := len(dst)
	dst = slices.Grow(dst, len(raw))
	to := dst[begin : begin+len(raw)]
	n, blank := 0, false // of bytes; the last character was a blank that counts
	for i := 0; i < len(raw); {
		c, size := raw[i], 1
		var f rune
		switch {
		case c < utf8.RuneSelf:
			f = rune(asciiForms[c])
		case c >= 0xE3 && c <= 0xE9 && i+2 < len(raw) && raw[i+1]&0xC0 == 0x80 && raw[i+2]&0xC0 == 0x80:
			// From U+3001 to U+9FFF there are neither digits nor blanks.
			if c == 0xE3 && raw[i+1] == 0x80 && raw[i+2] == 0x80 {
				f, size = 0, 3
				break
			}
			if blank && n > 0 {
				to[n] = ' '
				n++
				chars++
			}
			blank = false
			to[n], to[n+1], to[n+2] = c, raw[i+1], raw[i+2]
			n, i = n+3, i+3
			chars++
			continue
		default:
			f, size = utf8.DecodeRune(raw[i:])
			if f = form(f); f >= utf8.RuneSelf {
				if blank && n > 0 {
					to[n] = ' '
					n++
					chars++
				}
				blank = false
				n += copy(to[n:], raw[i:i+size]) // a form beyond ASCII is the character itself
				i += size
				chars++
				continue
			}
		}
		i += size
		if f == 0 {
			blank = true
			continue
		}
		if blank && n > 0 {
			to[n] = ' '
			n++
			chars++
		}
		blank = false
		to[n] = byte(f)
		n++
		chars++
	}
	return dst[:begin+n], chars
}

// form is what a character beyond ASCII becomes, which is itself or ASCII: 0 for a blank.
func form(r rune) rune {
	switch {
	case text.Blank(r):
		return 0
	case r >= 0xFF01 && r <= 0xFF5E:
		r -= 0xFEE0
		if r >= '0' && r <= '9' {
			return '0'
		}
		return r
	case unicode.IsDigit(r):
		return '0'
	}
	return r
}

package lines

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"millrace/pipeline/text"
)

// MinChars is how many characters a line has at least, in the form in which lines are compared.
const MinChars = 8

// Scanner takes texts apart into lines. It keeps scratch memory, and is used by one goroutine.
type Scanner struct{ line []byte }

// Each calls yield with every line of a text that ends with a line feed, or with the text: as it stands there, and its key in a group, 0 where
// it is too short to have one. Neither is kept.
func (s *Scanner) Each(t []byte, g Group, yield func(raw []byte, key uint64)) {
	for len(t) > 0 {
		raw := t
		if end := bytes.IndexByte(t, '\n'); end >= 0 {
			raw, t = t[:end], t[end+1:]
		} else {
			t = nil
		}
		var key uint64
		if len(raw) >= MinChars {
			var chars int
			if s.line, chars = AppendLine(s.line[:0], raw); chars >= MinChars {
				key = g.Line(s.line)
			}
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

// AppendLine appends a line to dst in the form in which lines are compared, and says how many characters that are.
func AppendLine(dst, raw []byte) (_ []byte, chars int) {
	begin, blank := len(dst), false
	for i := 0; i < len(raw); {
		c := raw[i]
		if c < utf8.RuneSelf {
			i++
			f := asciiForms[c]
			if f == 0 {
				blank = true
				continue
			}
			if blank && len(dst) > begin {
				dst = append(dst, ' ')
				chars++
			}
			dst, blank = append(dst, f), false
			chars++
			continue
		}
		size := 3
		if c < 0xE4 || c > 0xE9 || i+3 > len(raw) || raw[i+1]&0xC0 != 0x80 || raw[i+2]&0xC0 != 0x80 { // U+4000 to U+9FFF have neither digits nor blanks
			var r rune
			r, size = utf8.DecodeRune(raw[i:])
			f := form(r)
			if f == 0 {
				blank = true
				i += size
				continue
			}
			if f != r {
				if blank && len(dst) > begin {
					dst = append(dst, ' ')
					chars++
				}
				dst, blank = utf8.AppendRune(dst, f), false
				chars++
				i += size
				continue
			}
		}
		if blank && len(dst) > begin {
			dst = append(dst, ' ')
			chars++
		}
		dst, blank = append(dst, raw[i:i+size]...), false
		chars++
		i += size
	}
	return dst, chars
}

// form is what a character beyond ASCII becomes: 0 for a blank.
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

package facts

import (
	"bytes"
	"html"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
)

// maxText bounds a value, in bytes.
const maxText = 1 << 10

// appendClean appends a value in one line: without tags, white space collapsed, references of characters decoded once more, for many pages
// encode them twice. It appends nothing if what is there is no value.
func appendClean(dst, raw []byte) []byte {
	raw = raw[:min(len(raw), maxText)]
	if bytes.IndexByte(raw, '&') >= 0 {
		raw = []byte(html.UnescapeString(string(raw)))
	}
	start, space := len(dst), false
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRune(raw[i:])
		switch {
		case r == '<' && i+1 < len(raw) && (raw[i+1] == '/' || raw[i+1]|0x20 >= 'a' && raw[i+1]|0x20 <= 'z'):
			if end := bytes.IndexByte(raw[i:], '>'); end >= 0 {
				n, space = end+1, true
			}
		case r == utf8.RuneError && n == 1, r == '\uFEFF', r == '\u200B', r == '\u00AD', r == '\u200E', r == '\u200F':
		case unicode.IsSpace(r) || r < ' ':
			space = true
		default:
			if space && len(dst) > start {
				dst = append(dst, ' ')
			}
			space = false
			dst = append(dst, raw[i:i+n]...)
		}
		i += n
	}
	if isLeftover(dst[start:]) {
		return dst[:start]
	}
	return dst
}

// isLeftover says whether a value is what a template or a program leaves where there is none.
func isLeftover(s []byte) bool {
	for _, mark := range []string{"{{", "}}", "${", "<%", "%>", "[[", "{%", "<?"} {
		if bytes.Contains(s, []byte(mark)) {
			return true
		}
	}
	var buf [longestWord]byte
	switch string(fold(&buf, s)) {
	case "null", "undefined", "none", "nil", "nan", "n/a", "na", "false", "true", "(null)", "[object object]", "-", "--", "0", "unknown", "未知", "无", "暂无":
		return true
	}
	return false
}

// appendKey appends the letters and digits of a text in lower case: what two spellings of one title have in common.
func appendKey(dst, s []byte) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c >= 'A' && c <= 'Z':
				dst = append(dst, c|0x20)
			case c >= 'a' && c <= 'z', isDigit(c):
				dst = append(dst, c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(s[i:])
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		i += n
	}
	return dst
}

// isHan says whether a Chinese character begins at i, and how long it is.
func isHan(s []byte, i int) (n int, ok bool) {
	if i >= len(s) || s[i] < 0xE3 {
		return 0, false
	}
	r, n := utf8.DecodeRune(s[i:])
	return n, text.IsHan(r)
}

// runes is how many characters there are.
func runes(s []byte) int { return utf8.RuneCount(s) }

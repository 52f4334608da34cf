package jsonscan

import (
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
)

// filled says whether the string that begins at i has more in it than white space. It was read before and is valid.
func filled(line []byte, i int) bool {
	for i++; ; {
		c := line[i]
		switch {
		case c == '"':
			return false
		case c == '\\':
			switch line[i+1] {
			case 'n', 'r', 't', 'b', 'f':
				i += 2
				continue
			case 'u':
				if !text.Blank(hex4(line[i+2:])) {
					return true
				}
				i += 6
				continue
			}
			return true
		case c < utf8.RuneSelf:
			if !text.Blank(rune(c)) {
				return true
			}
			i++
		default:
			r, size := utf8.DecodeRune(line[i:])
			if !text.Blank(r) {
				return true
			}
			i += size
		}
	}
}

package filter

import (
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/rule"
)

// digitShare is decimal digits of any script (category Nd: 7, ７, ٧, not ⅶ, ⑦ or 七) by all code points.
var digitShare = measure{
	unit: rule.Share, counted: "characters are digits", note: "of the code points, decimal digits of any script",
	take: func(d *document) rule.Figure { return share(countDigits(d.text), d.chars) },
}

// countDigits is the number of decimal digits in valid UTF-8.
func countDigits(t []byte) (n int) {
	for i := 0; i < len(t); {
		switch c := t[i]; {
		case c < utf8.RuneSelf:
			if '0' <= c && c <= '9' {
				n++
			}
			i++
		case 0xE3 <= c && c <= 0xE9: // U+3000 to U+9FFF, where there are no digits, in three bytes each
			i += 3
		default:
			r, size := utf8.DecodeRune(t[i:])
			if unicode.IsDigit(r) {
				n++
			}
			i += size
		}
	}
	return n
}

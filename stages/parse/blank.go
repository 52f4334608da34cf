package parse

import (
	"bytes"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
)

// bom is the UTF-8 byte order mark. Files that were put together of several have one wherever another begins.
const bom = "\xEF\xBB\xBF"

// trimBOM cuts the marks off a record.
func trimBOM(rec []byte) []byte {
	for len(rec) > 0 && rec[0] == bom[0] && bytes.HasPrefix(rec, []byte(bom)) {
		rec = rec[len(bom):]
	}
	return rec
}

// maxBlank is the length in bytes, line end included, above which a line counts as text even if it is all white space.
// It bounds how far a reader that starts in the middle of a file must look back to see whether it stands behind a blank
// line.
const maxBlank = 1024

// isBlank says whether a line, with or without its end, is nothing but white space of whatever width, or none.
func isBlank(line []byte) bool {
	if len(line) > maxBlank {
		return false
	}
	for i := 0; i < len(line); {
		c := line[i]
		if c < utf8.RuneSelf {
			if c > ' ' || c < '\t' || c > '\r' && c < 0x1C {
				return false
			}
			i++
			continue
		}
		if c >= 0xE4 && c <= 0xED { // an ideograph, most likely
			return false
		}
		r, size := utf8.DecodeRune(line[i:])
		if !text.Blank(r) {
			return false
		}
		i += size
	}
	return true
}

// separator is the length of the space at i: space, tab or U+3000; 0 if there is none.
func separator(b []byte, i int) int {
	switch b[i] {
	case ' ', '\t':
		return 1
	case 0xE3:
		if i+2 < len(b) && b[i+1] == 0x80 && b[i+2] == 0x80 {
			return 3
		}
	}
	return 0
}

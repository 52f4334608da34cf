package lists

import (
	"unicode"
	"unicode/utf8"
)

// folds has the fold of every character of the basic plane, and bordered says which of them are letters that words end at.
var folds, bordered = func() (fold [1 << 16]uint16, border [1 << 16 / 8]byte) {
	for r := range rune(1 << 16) {
		to := r
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			to = r - 0xFEE0
		case r == 0x3000 || r == 0xA0:
			to = ' '
		}
		if low := unicode.ToLower(to); low < 1<<16 {
			to = low
		}
		fold[r] = uint16(to)
		if to := rune(fold[r]); unicode.IsLetter(to) && unicode.In(to, unicode.Latin, unicode.Cyrillic, unicode.Greek) {
			border[r/8] |= 1 << (r % 8)
		}
	}
	return fold, border
}()

// foldRune is the character that stands for r: of ordinary width, in lower case by its simple mapping.
func foldRune(r rune) rune {
	if r < 1<<16 {
		return rune(folds[r])
	}
	return unicode.ToLower(r)
}

// isBordered says whether r is a letter of a script in which words have borders: Latin, Greek, Cyrillic.
func isBordered(r rune) bool { return r < 1<<16 && bordered[r/8]>>(r%8)&1 == 1 }

// appendFolded appends the fold of t to dst. Runs of blanks stay as they are.
func appendFolded(dst, t []byte) []byte {
	for i := 0; i < len(t); {
		r, size := utf8.DecodeRune(t[i:])
		dst = utf8.AppendRune(dst, foldRune(r))
		i += size
	}
	return dst
}

package lists

import (
	"unicode"
	"unicode/utf8"
)

// folds has the fold of every character of the basic plane, and bordered says which of them are letters that words end at. They are made of the
// ranges that have any, for every process makes them: asking of each character takes as long as all else before main.
var folds, bordered = func() (fold [1 << 16]uint16, border [1 << 16 / 8]byte) {
	for r := range fold {
		fold[r] = uint16(r)
	}
	for _, c := range unicode.CaseRanges {
		for r := rune(c.Lo); r <= rune(c.Hi) && r < 1<<16; r++ {
			if low := unicode.ToLower(r); low < 1<<16 {
				fold[r] = uint16(low)
			}
		}
	}
	fold[0x3000], fold[0xA0] = ' ', ' '
	for r := 0xFF01; r <= 0xFF5E; r++ {
		fold[r] = fold[r-0xFEE0]
	}
	var letters [1 << 16 / 8]byte
	for _, script := range []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek} {
		for _, c := range script.R16 {
			for r := rune(c.Lo); r <= rune(c.Hi); r += rune(c.Stride) {
				if unicode.IsLetter(r) {
					letters[r/8] |= 1 << (r % 8)
				}
			}
		}
	}
	for r, to := range fold {
		border[r/8] |= letters[to/8] >> (to % 8) & 1 << (r % 8)
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

package text

import (
	"sync"
	"unicode"
)

// elsewhere marks the few BMP characters whose fold lies outside of the BMP; U+FFFF is no character.
const elsewhere = 0xFFFF

// folds is FoldKey in tables. It is built once, at the first use, and never changed.
type folds struct {
	// bmp[r] is the fold of r, 0 if r is not part of the key text, elsewhere if the fold is in other.
	bmp [1 << 16]uint16
	// wide is bmp with zeros below U+0800: what a three-byte sequence may not encode, because it is overlong.
	wide [1 << 16]uint16
	// other holds what is outside of the BMP, on either side, where the fold is not the character itself.
	other map[rune]rune
}

var loadFolds = sync.OnceValue(buildFolds)

func buildFolds() *folds {
	f := &folds{other: map[rune]rune{}}
	simplified := simplifiedForms()
	for _, table := range []*unicode.RangeTable{unicode.L, unicode.M, unicode.Nd, unicode.Nl} {
		for _, span := range table.R16 {
			for r := rune(span.Lo); r <= rune(span.Hi); r += rune(span.Stride) {
				if table != unicode.Nl || unicode.Is(unicode.Han, r) {
					f.set(r, foldLetter(r, simplified))
				}
			}
		}
	}
	for _, span := range unicode.Variation_Selector.R16 {
		for r := rune(span.Lo); r <= rune(span.Hi); r += rune(span.Stride) {
			f.bmp[r] = 0
		}
	}
	for r := range simplified {
		if r >= 1<<16 {
			f.other[r] = simplified[r]
		}
	}
	copy(f.wide[0x800:], f.bmp[0x800:])
	return f
}

func (f *folds) set(r, fold rune) {
	if fold >= 1<<16 {
		f.bmp[r] = elsewhere
		f.other[r] = fold
		return
	}
	f.bmp[r] = uint16(fold)
}

// foldLetter is the fold of a letter, digit or mark: half width first, then lower case, then simplified.
func foldLetter(r rune, simplified map[rune]rune) rune {
	if r >= 0xFF01 && r <= 0xFF5E {
		r -= 0xFEE0
	}
	r = unicode.ToLower(r)
	if s, ok := simplified[r]; ok {
		return s
	}
	return r
}

// foldOther is the fold of what is not answered by bmp.
func (f *folds) foldOther(r rune) rune {
	if to, ok := f.other[r]; ok {
		return to
	}
	switch {
	case r < 1<<16 || r > unicode.MaxRune:
		return 0
	case r >= 0x20000 && r < 0x40000: // ideographs, by far the most frequent
		if unicode.Is(unicode.Lo, r) {
			return r
		}
		return 0
	case unicode.In(r, unicode.L, unicode.M, unicode.Nd) && !unicode.Is(unicode.Variation_Selector, r):
		return unicode.ToLower(r)
	}
	return 0
}

package text

import (
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Values in the table that are no code points; both are noncharacters of Unicode.
const (
	elsewhere = 0xFFFF // the fold is in other: it lies outside of the BMP
	inContext = 0xFFFE // the neighbours decide; all values from here on need a closer look
)

// folds is FoldKey in tables. It is built once, at the first use, and never changed.
type folds struct {
	// bmp[r] is the fold of r, 0 if r is not part of the key text, or one of the two values above.
	bmp [1 << 16]uint16
	// wide is bmp with zeros below U+0800: what a three-byte sequence may not encode, because it is overlong.
	wide [1 << 16]uint16
	// marks[r] is the punctuation mark that r is a variant of, 0 if r is none, or part of the key text anyway.
	marks [1 << 16]uint16
	// bytes is bmp of ASCII where the neighbours do not decide.
	bytes bytes
	// other holds what is outside of the BMP, on either side, where the fold is not the character itself.
	other map[rune]rune
	// voiced is the kana with its mark, by the one without.
	voiced map[[2]rune]rune
}

var loadFolds = sync.OnceValue(buildFolds)

func buildFolds() *folds {
	f := &folds{other: map[rune]rune{}, voiced: voicedKana()}
	simplified := simplifiedForms()
	for _, table := range []*unicode.RangeTable{unicode.L, unicode.M, unicode.N, unicode.S} {
		forEach16(table, func(r rune) { f.set(r, foldOne(r, simplified)) })
	}
	for _, r := range keptPunctuation {
		f.set(r, foldOne(r, simplified))
	}
	forEach16(unicode.Nd, func(r rune) { f.bmp[r] = inContext })
	for _, r := range contextual {
		f.bmp[r] = inContext
	}
	for r := range simplified {
		if r >= 1<<16 {
			f.other[r] = simplified[r]
		}
	}
	copy(f.wide[0x800:], f.bmp[0x800:])
	f.bytes.set(f.bmp[:utf8.RuneSelf])
	forEach16(unicode.P, f.setMark)
	f.setMark('∶')
	return f
}

func forEach16(table *unicode.RangeTable, do func(rune)) {
	for _, span := range table.R16 {
		for r := rune(span.Lo); r <= rune(span.Hi); r += rune(span.Stride) {
			do(r)
		}
	}
}

func (f *folds) set(r, fold rune) {
	if fold >= 1<<16 {
		f.bmp[r] = elsewhere
		f.other[r] = fold
		return
	}
	f.bmp[r] = uint16(fold)
}

// foldOne is the fold of a letter, number, mark or sign: ordinary width first, then lower case, then simplified.
func foldOne(r rune, simplified map[rune]rune) rune {
	r = ordinaryWidth(r)
	if unicode.In(r, unicode.Variation_Selector, plainMarks, plainSigns) {
		return 0
	}
	if s, ok := sameSign[r]; ok {
		r = s
	}
	r = unicode.ToLower(r)
	if s, ok := simplified[r]; ok {
		return s
	}
	return r
}

// ordinaryWidth is ASCII for full-width ASCII, and full width for half-width kana, hangul and signs.
func ordinaryWidth(r rune) rune {
	if to := width.LookupRune(r).Folded(); to != 0 {
		return to
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
	case unicode.Is(unicode.Variation_Selector, r):
		return 0
	case unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.S) || tagFirst <= r && r <= tagLast:
		return unicode.ToLower(r)
	}
	return 0
}

// Tag letters and digits are invisible, but they say which flag is meant.
const (
	tagFirst = 0xE0030
	tagLast  = 0xE007A
)

package writing

import (
	"sync"
	"unicode"
)

// class is what is counted of a code point. The table of the BMP holds one for each.
type class = uint8

const (
	space    class = iota
	sign           // neither white space, nor a digit, nor part of a letter: punctuation, symbols, controls
	digit          // of any script
	han            // the Han script without those that follow
	particle       // Han: of classical Chinese
	// Han that is written in one of the two ways only. Those of Japan are in JIS X 0208 too, and so say nothing against Japanese.
	simplified
	simplifiedOrJapan
	traditional
	traditionalOrJapan
	kana
	hangul
	firstAlphabet // the scripts of the table below, in its order
)

// alphabets are the scripts that are counted each, apart from those of Han, kana and hangul. New ones go to the end: labels are numbers.
var alphabets = []struct {
	code  string
	table *unicode.RangeTable
}{
	{"latn", unicode.Latin},
	{"cyrl", unicode.Cyrillic},
	{"arab", unicode.Arabic},
	{"grek", unicode.Greek},
	{"hebr", unicode.Hebrew},
	{"armn", unicode.Armenian},
	{"geor", unicode.Georgian},
	{"deva", unicode.Devanagari},
	{"beng", unicode.Bengali},
	{"guru", unicode.Gurmukhi},
	{"gujr", unicode.Gujarati},
	{"orya", unicode.Oriya},
	{"taml", unicode.Tamil},
	{"telu", unicode.Telugu},
	{"knda", unicode.Kannada},
	{"mlym", unicode.Malayalam},
	{"sinh", unicode.Sinhala},
	{"thai", unicode.Thai},
	{"laoo", unicode.Lao},
	{"tibt", unicode.Tibetan},
	{"mymr", unicode.Myanmar},
	{"khmr", unicode.Khmer},
	{"ethi", unicode.Ethiopic},
	{"mong", unicode.Mongolian},
	{"thaa", unicode.Thaana},
	{"yiii", unicode.Yi},
}

const (
	alphabetCount = 26
	otherLetter   = firstAlphabet + alphabetCount // a letter of no script of the table
	classes       = 64                            // of which not all are used: a power of two needs no check of bounds
)

// particles are what classical Chinese has far more of than modern prose, where 之, 者, 也 and 曰 are rare and the others dead.
const particles = "之乎者也矣焉哉兮曰"

type classTable struct {
	bmp    [1 << 16]class
	beyond map[rune]class // Han of the other planes that is written in one way only
}

// loadClasses makes the tables, once, in a few milliseconds.
var loadClasses = sync.OnceValue(func() *classTable {
	t := &classTable{beyond: map[rune]class{}}
	for r := range t.bmp {
		t.bmp[r] = general(rune(r))
	}
	for _, r := range particles {
		t.bmp[r] = particle
	}
	for c, marks := range readMarks() {
		for _, r := range marks {
			if r < 1<<16 {
				t.bmp[r] = simplified + class(c)
			} else {
				t.beyond[r] = simplified + class(c)
			}
		}
	}
	return t
})

// of is the class of any code point.
func (t *classTable) of(r rune) class {
	if r >= 0 && r < 1<<16 {
		return t.bmp[r]
	}
	if c, ok := t.beyond[r]; ok {
		return c
	}
	return general(r)
}

// general is the class that Unicode gives a code point. Marks count as their script's letters: vowels of many scripts are marks.
func general(r rune) class {
	switch {
	case unicode.Is(unicode.Han, r):
		return han
	case unicode.IsSpace(r):
		return space
	case unicode.IsDigit(r):
		return digit
	case r == 'ー' || r == 'ｰ': // common to the two scripts of kana, so of neither to Unicode
		return kana
	case !unicode.In(r, unicode.L, unicode.M):
		return sign
	case unicode.In(r, unicode.Hiragana, unicode.Katakana):
		return kana
	case unicode.Is(unicode.Hangul, r):
		return hangul
	}
	for i, a := range alphabets {
		if unicode.Is(a.table, r) {
			return firstAlphabet + class(i)
		}
	}
	if unicode.IsMark(r) { // an accent of no script, a variation selector
		return sign
	}
	return otherLetter
}

package contamination

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/millrace/millrace/pipeline/text"
)

// unit is what texts are compared by: a character of a script that is written without blanks, by its code point in the key text, or a word,
// by a hash of 30 bits. Two words of the key text have one unit once in 2^30 pairs.
type unit uint32

const (
	wordUnit   unit = 1 << 31 // a word; else a character
	letterUnit unit = 1 << 30 // of a word: it has a letter, or else it is a number
	minorUnit  unit = 1 << 29 // of a character: of a script that has several of them in a syllable
)

// Weights of units. 13 Han characters are about 8 words, so both weigh 104.
const (
	charWeight  = 8
	wordWeight  = 13
	minorWeight = 4
)

// numberWorth is what a number counts in the share of a question that was found: as much as five words, for questions of one template
// differ in their numbers.
const numberWorth = 5 * wordWeight

// weight is what a unit weighs in an n-gram.
func (u unit) weight() int {
	switch {
	case u&wordUnit != 0:
		return wordWeight
	case u&minorUnit != 0:
		return minorWeight
	}
	return charWeight
}

// worth is what a unit counts in the share that is found.
func (u unit) worth() int64 {
	if u.isNumber() {
		return numberWorth
	}
	return int64(u.weight())
}

// isNumber says whether a unit has no letter.
func (u unit) isNumber() bool { return u&(wordUnit|letterUnit) == wordUnit }

// letter is 1 for a unit that has a letter, and 0 for a number.
func (u unit) letter() int {
	if u.isNumber() {
		return 0
	}
	return 1
}

// kind is what a character is to units.
type kind uint8

const (
	kindBetween kind = iota // ends a word
	kindNothing             // as if it were not there
	kindMark                // part of the word that it stands in, or nothing
	kindLetter
	kindDigit
	kindFigure // a number that is one character, such as ①: a unit by itself
	kindChar   // a unit by itself
	kindKana   // the same, and a voiced mark may follow
	kindMinor  // a unit by itself
)

// character is a kind in the upper 8 bits, and the character of the key text below.
type character uint32

func newCharacter(k kind, r rune) character { return character(k)<<24 | character(r) }

func (c character) kind() kind { return kind(c >> 24) }
func (c character) fold() rune { return rune(c & 0xFFFFFF) }

// characters has the BMP as a table. It is built once, and never changed.
type characters struct {
	bmp    [1 << 16]character
	voiced map[[2]rune]rune // the kana with its mark, by the one without
}

var loadCharacters = sync.OnceValue(func() *characters {
	c := &characters{voiced: map[[2]rune]rune{}}
	for r := range c.bmp {
		c.bmp[r] = classify(rune(r))
	}
	for r := rune(0x3041); r <= 0x30FF; r++ {
		for _, mark := range voicedMarks {
			if one := []rune(norm.NFC.String(string([]rune{r, mark}))); len(one) == 1 {
				c.voiced[[2]rune{r, mark}] = one[0]
			}
		}
	}
	return c
})

// voicedMarks are the combining marks of kana.
var voicedMarks = []rune{0x3099, 0x309A}

// apostrophes stand inside of words, and are left out by some.
const apostrophes = "'’ʼ＇‘"

// singles are the scripts whose characters are units, minors those among them that have several in a syllable.
var (
	singles = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Yi}
	minors  = []*unicode.RangeTable{unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan}
)

const prolonged = 'ー' // of both kana, so of neither script

func classify(r rune) character {
	fold := text.FoldKey(r)
	if strings.ContainsRune(apostrophes, r) || fold == 0 && unicode.In(r, unicode.Cf, unicode.M, unicode.Variation_Selector) {
		return newCharacter(kindNothing, 0)
	}
	switch {
	case fold == 0:
		return 0
	case unicode.IsMark(fold):
		return newCharacter(kindMark, fold)
	case unicode.In(fold, unicode.Hiragana, unicode.Katakana):
		return newCharacter(kindKana, fold)
	case unicode.In(fold, singles...) || fold == prolonged:
		return newCharacter(kindChar, fold)
	case unicode.IsLetter(fold) && unicode.In(fold, minors...):
		return newCharacter(kindMinor, fold)
	case unicode.IsLetter(fold):
		return newCharacter(kindLetter, fold)
	case unicode.IsDigit(fold):
		return newCharacter(kindDigit, fold)
	case unicode.IsNumber(fold):
		return newCharacter(kindFigure, fold)
	}
	return 0 // signs: what is emphasised, quoted or set as mathematics has others than what is not
}

// at is the character that begins at t[i], and how many bytes it has.
func (c *characters) at(t []byte, i int) (character, int) {
	if b := t[i]; b < utf8.RuneSelf {
		return c.bmp[b], 1
	}
	r, size := utf8.DecodeRune(t[i:])
	switch {
	case r == utf8.RuneError && size == 1:
		return 0, 1
	case r < 1<<16:
		return c.bmp[r], size
	case r >= 0x20000 && r < 0x40000:
		if fold := text.FoldKey(r); fold != 0 {
			return newCharacter(kindChar, fold), size
		}
		return 0, size
	}
	return classify(r), size
}

// next is the first unit of t from i on, which must not lie within one, and where in t it lies. There is none if it begins at the end of t.
func (c *characters) next(t []byte, i int) (u unit, start, end int) {
	for i < len(t) {
		ch, size := c.at(t, i)
		switch ch.kind() {
		case kindChar:
			return unit(ch.fold()), i, i + size
		case kindKana:
			u, end = c.kana(t, i+size, ch.fold())
			return u, i, end
		case kindMinor:
			return minorUnit | unit(ch.fold()), i, i + size
		case kindFigure:
			return figureUnit(ch.fold()), i, i + size
		case kindLetter, kindDigit:
			u, end = c.word(t, i)
			return u, i, end
		}
		i += size
	}
	return 0, len(t), len(t)
}

// kana is the unit of a kana with what follows it at t[i].
func (c *characters) kana(t []byte, i int, base rune) (u unit, end int) {
	if i < len(t) && t[i] >= utf8.RuneSelf {
		if mark, size := c.at(t, i); mark.kind() == kindMark {
			if one, ok := c.voiced[[2]rune{base, mark.fold()}]; ok {
				return unit(one), i + size
			}
		}
	}
	return unit(base), i
}

// wordFactor spreads the characters of a word over its hash.
const wordFactor = 0x9E3779B97F4A7C15

func figureUnit(r rune) unit { return wordUnit | hashed(uint64(r)*wordFactor) }

// hashed are the 30 bits of the hash of a word that its unit has.
func hashed(h uint64) unit {
	h ^= h >> 32
	h *= wordFactor
	return unit(h >> 34)
}

// letterOf is letterUnit for a letter.
var letterOf = [256]unit{kindLetter: letterUnit}

// word is the unit of the word that begins at t[i].
func (c *characters) word(t []byte, i int) (u unit, end int) {
	h := uint64(0)
	letters := unit(0)
	for i < len(t) {
		if b := t[i]; b < utf8.RuneSelf {
			if ch := c.bmp[b]; ch.kind() == kindLetter || ch.kind() == kindDigit {
				h = (h ^ uint64(ch.fold())) * wordFactor
				h ^= h >> 29
				letters |= letterOf[ch.kind()]
				i++
				end = i
				continue
			} else if ch.kind() == kindBetween && (letters != 0 || b != ',') {
				break
			}
		}
		ch, size := c.at(t, i)
		switch ch.kind() {
		case kindLetter:
			letters = letterUnit
			fallthrough
		case kindDigit, kindMark:
			h = (h ^ uint64(ch.fold())) * wordFactor
			h ^= h >> 29
			end = i + size
		case kindNothing:
		default:
			if letters != 0 || !groupsDigits(t, i) {
				return wordUnit | letters | hashed(h), end
			}
		}
		i += size
	}
	return wordUnit | letters | hashed(h), end
}

// groupsDigits says whether t[i] is a comma with a digit before it and three digits behind it, as in 80,000.
func groupsDigits(t []byte, i int) bool {
	digit := func(k int) bool { return k < len(t) && t[k]-'0' <= 9 }
	return t[i] == ',' && i > 0 && digit(i-1) && digit(i+1) && digit(i+2) && digit(i+3) && !digit(i+4)
}

// markEvery is of how many units one has its place in the text kept.
const markEvery = 64

// sequence is the units of a text. It is memory for one text after the other.
type sequence struct {
	*characters
	text  []byte
	units []unit
	marks []uint32 // where every markEvery-th unit begins
}

// read makes the units of t, which it keeps until the next one.
func (s *sequence) read(t []byte) {
	s.text, s.units, s.marks = t, s.units[:0], s.marks[:0]
	bmp := &s.bmp
	for i := 0; i < len(t); {
		if t[i] < utf8.RuneSelf && bmp[t[i]].kind() == kindBetween {
			i++
			continue
		}
		if len(t)-i >= 3 && t[i]&0xF0 == 0xE0 && t[i+1]&0xC0 == 0x80 && t[i+2]&0xC0 == 0x80 && t[i] != 0xE0 {
			ch := bmp[uint16(t[i])<<12|uint16(t[i+1]&0x3F)<<6|uint16(t[i+2]&0x3F)]
			if ch.kind() == kindChar {
				s.add(unit(ch.fold()), i)
				i += 3
				continue
			}
			if ch.kind() <= kindMark { // between units
				i += 3
				continue
			}
		}
		u, start, end := s.next(t, i)
		if start == len(t) {
			return
		}
		s.add(u, start)
		i = end
	}
}

func (s *sequence) add(u unit, at int) {
	if len(s.units)%markEvery == 0 {
		s.marks = append(s.marks, uint32(at))
	}
	s.units = append(s.units, u)
}

// span is where in the text units from up to to lie, to not included.
func (s *sequence) span(from, to int) (start, end int) {
	start, _ = s.place(from)
	_, end = s.place(to - 1)
	return start, end
}

// place is where a unit lies in the text.
func (s *sequence) place(n int) (start, end int) {
	i := int(s.marks[n/markEvery])
	for range n%markEvery + 1 {
		_, start, end = s.next(s.text, i)
		i = end
	}
	return start, end
}

package writing

import (
	"encoding/binary"
	"unicode/utf8"
)

// Tally is how many code points of each kind a text has. The zero value is that of no text.
type Tally struct {
	n [classes]int
}

// Which bits of a word tell its first characters, and what they are: eight of ASCII, two of three bytes, one of one, two and three bytes.
const (
	asciiMask, asciiBits = 0x8080_8080_8080_8080, 0
	pairMask, pairBits   = 0x0000_C0C0_F0C0_C0F0, 0x0000_8080_E080_80E0
	oneMask, oneBits     = 0x80, 0
	twoMask, twoBits     = 0xC0E0, 0x80C0
	threeMask, threeBits = 0xC0_C0F0, 0x80_80E0
)

// code3 is the code point of the three bytes at the bottom of w.
func code3(w uint64) uint16 {
	return uint16(w&0xF<<12 | w>>8&0x3F<<6 | w>>16&0x3F)
}

// Of counts a text, which is valid UTF-8. In other text a byte that is part of no character counts as a sign.
func Of(text []byte) Tally {
	t := loadClasses()
	// Characters of one kind follow each other, and a counter can be raised only when it has been written: four sets of counters wait less.
	var n [4][classes]int
pairs:
	for len(text) >= 8 {
		w := binary.LittleEndian.Uint64(text)
		for w&pairMask == pairBits {
			n[0][t.bmp[code3(w)]&(classes-1)]++
			n[1][t.bmp[code3(w>>24)]&(classes-1)]++
			if text = text[6:]; len(text) < 8 {
				break pairs
			}
			w = binary.LittleEndian.Uint64(text)
		}
		switch {
		case w&asciiMask == asciiBits:
			for range 2 {
				n[0][t.bmp[w&0xFF]&(classes-1)]++
				n[1][t.bmp[w>>8&0xFF]&(classes-1)]++
				n[2][t.bmp[w>>16&0xFF]&(classes-1)]++
				n[3][t.bmp[w>>24&0xFF]&(classes-1)]++
				w >>= 32
			}
			text = text[8:]
		case w&oneMask == oneBits:
			n[2][t.bmp[w&0xFF]&(classes-1)]++
			text = text[1:]
		case w&twoMask == twoBits:
			// Letters of two bytes come in words of them: every other one is counted elsewhere.
			n[len(text)>>1&1][t.bmp[w&0x1F<<6|w>>8&0x3F]&(classes-1)]++
			text = text[2:]
		case w&threeMask == threeBits:
			n[3][t.bmp[code3(w)]&(classes-1)]++
			text = text[3:]
		default:
			r, size := utf8.DecodeRune(text)
			n[3][t.of(r)&(classes-1)]++
			text = text[size:]
		}
	}
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		n[3][t.of(r)&(classes-1)]++
		text = text[size:]
	}
	var sum Tally
	for i := range sum.n {
		sum.n[i] = n[0][i] + n[1][i] + n[2][i] + n[3][i]
	}
	return sum
}

func (t *Tally) between(first, last class) (n int) {
	for _, c := range t.n[first : last+1] {
		n += c
	}
	return n
}

// Visible is the number of code points that are not white space.
func (t *Tally) Visible() int { return t.between(sign, otherLetter) }

// Letters is the number of those that are letters of some script, or marks of one, which are vowels in many.
func (t *Tally) Letters() int { return t.between(han, otherLetter) }

// Digits is the number of decimal digits, of any script.
func (t *Tally) Digits() int { return t.n[digit] }

// Han is the number of code points of the Han script.
func (t *Tally) Han() int { return t.between(han, traditionalOrJapan) }

// Kana is the number of code points of hiragana and katakana.
func (t *Tally) Kana() int { return t.n[kana] }

// Hangul is the number of code points of hangul, syllables or parts of them.
func (t *Tally) Hangul() int { return t.n[hangul] }

// Latin is the number of letters of the Latin script.
func (t *Tally) Latin() int { return t.n[firstAlphabet] }

// Cyrillic is the number of letters of the Cyrillic script.
func (t *Tally) Cyrillic() int { return t.n[firstAlphabet+1] }

// Arabic is the number of letters of the Arabic script.
func (t *Tally) Arabic() int { return t.n[firstAlphabet+2] }

// OtherLetters is the number of letters of all other scripts.
func (t *Tally) OtherLetters() int { return t.between(firstAlphabet+3, otherLetter) }

// Simplified is the number of Han characters that only texts in simplified Chinese are written with, and Japanese ones.
func (t *Tally) Simplified() int { return t.n[simplified] + t.n[simplifiedOrJapan] }

// Traditional is the number of Han characters that only texts in traditional Chinese are written with, and Japanese ones.
func (t *Tally) Traditional() int { return t.n[traditional] + t.n[traditionalOrJapan] }

// Particles is the number of particles of classical Chinese: 之乎者也矣焉哉兮曰.
func (t *Tally) Particles() int { return t.n[particle] }

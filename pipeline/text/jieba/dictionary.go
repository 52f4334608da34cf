package jieba

import (
	"sync"
	"unicode/utf8"
)

// Dictionary is a set of words with their frequencies, and the tables of the HMM. It is safe for concurrent use.
type Dictionary struct {
	cells  []cell
	freqs  []uint32 // by the number in a cell; 0 is that of what is no word
	total  uint64   // the sum of the frequencies that were ever given
	scores []float64
	han    [ideographs]uint16    // codes of characters
	ascii  [utf8.RuneSelf]uint16 // and of ASCII, outside for what a block does not have
	others map[rune]uint16       // characters of words that no text is ever cut into
	runes  []rune                // by their codes
	hmm    *model
	// forced are words that the HMM must not make, which a user gave the frequency 0.
	forced map[string]struct{}
}

// Blocks are of ideographs from 一 to 鿕, of letters and digits of ASCII and of some of its signs.
const (
	hanFirst = 0x4E00
	hanLast  = 0x9FD5
	outside  = 0xFFFF
)

// blockASCII says what of ASCII is part of a block.
func blockASCII(c byte) bool {
	switch c {
	case '+', '#', '&', '.', '_', '%', '-':
		return true
	}
	return isAlnum(c)
}

func isAlnum(c byte) bool { return isLetter(c) || isDigit(c) }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// Default is the dictionary of jieba. It is read at the first call.
func Default() *Dictionary { return loadDefault() }

var loadDefault = sync.OnceValue(func() *Dictionary {
	raw, err := unpack(embedded)
	if err == nil {
		var d *Dictionary
		if d, err = decode(raw); err == nil {
			return d
		}
	}
	panic("the embedded dictionary: " + err.Error()) // it is part of the program, and a test reads it
})

// index fills the tables by character from the runes.
func (d *Dictionary) index() {
	for c := range d.ascii {
		d.ascii[c] = outside
		if blockASCII(byte(c)) {
			d.ascii[c] = 0
		}
	}
	d.others = map[rune]uint16{}
	for code, r := range d.runes {
		switch {
		case code == 0:
		case r >= hanFirst && r <= hanLast:
			d.han[r-hanFirst] = uint16(code)
		case r < utf8.RuneSelf && blockASCII(byte(r)):
			d.ascii[r] = uint16(code)
		default:
			d.others[r] = uint16(code)
		}
	}
}

// code is that of a character, 0 for one that no word has.
func (d *Dictionary) code(r rune) uint16 {
	switch {
	case r >= hanFirst && r <= hanLast:
		return d.han[r-hanFirst]
	case r >= 0 && r < utf8.RuneSelf && d.ascii[r] != outside:
		return d.ascii[r]
	}
	return d.others[r]
}

// score makes the logarithm of each frequency's share of the total, rounded as jieba rounds it.
func (d *Dictionary) score() {
	total := ln(d.total)
	d.scores = make([]float64, len(d.freqs))
	for i, freq := range d.freqs {
		d.scores[i] = ln(uint64(max(freq, 1))) - total // what is no word counts as one of the frequency 1
	}
}

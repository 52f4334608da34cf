package datatrove

import (
	_ "embed" // the table of classes
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
)

// class is what is known of a character, as a set of bits.
type class uint32

// The classes, in the order of tables.py.
const (
	space       class = 1 << iota // Python's isspace, which strip and split go by
	alphabetic                    // Python's isalpha
	punctuation                   // the categories P of Unicode
	decimal                       // \d in a regular expression of Python
	wordLike                      // \w
	symbol                        // datatrove's PUNCTUATION_SET
	endMark                       // datatrove's TERMINAL_PUNCTUATION
	period                        // the marks of spaCy's sentencizer
	letter                        // spaCy's ALPHA
	lowerLetter                   // spaCy's ALPHA_LOWER, in which letters without case are too
	upperLetter                   // spaCy's ALPHA_UPPER, likewise
	quote                         // spaCy's quotes
	prefix                        // cut off in front of a word
	suffix                        // cut off behind it
	infix                         // cut out of it
	beforeDot                     // a dot is cut off behind it
)

//go:embed classes.tsv
var classesFile string

// classTable has the classes of all code points, in blocks of 256 of which equal ones are kept once.
type classTable struct {
	block  [(utf8.MaxRune + 1) >> 8]uint16
	blocks [][256]class
}

var classes = sync.OnceValue(func() *classTable {
	all := make([]class, utf8.MaxRune+1)
	for line := range strings.Lines(classesFile) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		var n [3]uint64
		for i := range n {
			var err error
			if n[i], err = strconv.ParseUint(fields[i], 16, 32); err != nil {
				panic("classes.tsv: " + err.Error())
			}
		}
		for r := n[0]; r <= n[0]+n[1]; r++ {
			all[r] = class(n[2])
		}
	}
	t, seen := &classTable{}, map[[256]class]uint16{}
	for i := range t.block {
		block := [256]class(all[i<<8:])
		n, ok := seen[block]
		if !ok {
			n = uint16(len(t.blocks))
			seen[block] = n
			t.blocks = append(t.blocks, block)
		}
		t.block[i] = n
	}
	return t
})

// of is the class of a code point.
func (t *classTable) of(r rune) class { return t.blocks[t.block[r>>8]][r&0xFF] }

// at is the class of the character at i of text, and its bytes.
func (t *classTable) at(text []byte, i int) (class, int) {
	c := text[i]
	if c < utf8.RuneSelf {
		return t.blocks[0][c], 1
	}
	if c>>4 == 0xE && len(text)-i > 2 { // three bytes, as those of Chinese
		r := rune(c&0xF)<<12 | rune(text[i+1]&0x3F)<<6 | rune(text[i+2]&0x3F)
		return t.of(r), 3
	}
	r, size := utf8.DecodeRune(text[i:])
	return t.of(r), size
}

// before is the class of the character that ends at i of text, and its bytes; nothing if i is 0.
func (t *classTable) before(text []byte, i int) (class, int) {
	if i == 0 {
		return 0, 0
	}
	if c := text[i-1]; c < utf8.RuneSelf {
		return t.blocks[0][c], 1
	}
	r, size := utf8.DecodeLastRune(text[:i])
	return t.of(r), size
}

// strip is text[start:end] without white space at its ends.
func (t *classTable) strip(text []byte, start, end int) (int, int) {
	for start < end {
		c, size := t.at(text, start)
		if c&space == 0 {
			break
		}
		start += size
	}
	for start < end {
		c, size := t.before(text, end)
		if c&space == 0 {
			break
		}
		end -= size
	}
	return start, end
}

func countRunes(t []byte) int64 { return int64(text.CountRunes(t)) }

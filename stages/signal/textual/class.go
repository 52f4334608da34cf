package textual

import (
	"sync"
	"unicode"

	"github.com/millrace/millrace/pipeline/text"
)

// class is what a code point is, one bit each.
type class uint32

const (
	punctuation class = 1 << iota // P
	digit                         // Nd
	number                        // N
	symbol                        // S
	letter                        // L
	upper                         // Lu and Lt
	lower                         // Ll
	white                         // White_Space
	private                       // Co
	control                       // Cc that is not white space
	blank                         // text.Blank
	ended                         // an end mark of a sentence
	closing                       // a quote or bracket that closes what is in front of it
	stop                          // an end mark only in front of a blank
	finish                        // what lines end with that are finished, beside ended
	bullet
	broken // what c4-zh takes for a sign of a damaged line
	feed   // the end of a line
	other  // # : 【 】
)

// classCount is more than the bits of a class.
const classCount = 32

// special is what the loop over the characters must look at.
const special = feed | ended | broken | other

// Marks that Unicode has no property for.
const (
	ellipses     = "…⋯"
	finishing    = "；："
	closingMarks = "\"'＂＇“‘" // “ and ‘ close in German
	fullStops    = ".．﹒․"
	bullets      = "•‣◦▪▫●○■□◆◇▶▸►◀※·➢➤–-"
	brokenMarks  = "□■\uFFFD"
)

// classes say of every code point what it is: few combinations of bits occur, so each has a number.
type classes struct {
	of    [unicode.MaxRune + 1]uint8
	bits  []class // of each combination; those with special bits come first
	plain uint8   // the first without
}

// planeSize is how many code points are classified at a time.
const planeSize = 1 << 16

// loadClasses makes the table, once, in some milliseconds. What is of no class takes no memory in it.
var loadClasses = sync.OnceValue(func() *classes {
	c := &classes{}
	numbers := map[class]uint8{}
	for _, wanted := range []class{special, 0} { // those with special bits first
		c.plain = uint8(len(c.bits))
		for plane := rune(0); plane < unicode.MaxRune; plane += planeSize {
			bits := planeClasses(plane)
			for i, b := range bits {
				if (b&special != 0) != (wanted != 0) {
					continue
				}
				n, ok := numbers[b]
				if !ok {
					n = uint8(len(c.bits))
					numbers[b] = n
					c.bits = append(c.bits, b)
				}
				c.of[plane+rune(i)] = n
			}
		}
	}
	return c
})

// planeClasses classifies the code points of a plane.
func planeClasses(plane rune) *[planeSize]class {
	bits := new([planeSize]class)
	set := func(r rune, b class) {
		if r >= plane && r < plane+planeSize {
			bits[r-plane] |= b
		}
	}
	for _, t := range []struct {
		table *unicode.RangeTable
		class class
	}{
		{unicode.P, punctuation},
		{unicode.Nd, digit},
		{unicode.N, number},
		{unicode.S, symbol},
		{unicode.L, letter},
		{unicode.Lu, upper},
		{unicode.Lt, upper},
		{unicode.Ll, lower},
		{unicode.White_Space, white},
		{unicode.Co, private | broken},
		{unicode.Cc, control},
		{unicode.Sentence_Terminal, ended},
		{unicode.Pe, closing},
		{unicode.Pf, closing},
	} {
		for _, s := range t.table.R16 {
			for r := rune(s.Lo); r <= rune(s.Hi) && plane == 0; r += rune(s.Stride) {
				set(r, t.class)
			}
		}
		for _, s := range t.table.R32 {
			for r := rune(s.Lo); r <= rune(s.Hi); r += rune(s.Stride) {
				set(r, t.class)
			}
		}
	}
	for marks, b := range map[string]class{
		ellipses: ended, closingMarks: closing, fullStops: ended | stop, finishing: finish, bullets: bullet, brokenMarks: broken, "\n": feed, "#:【】": other,
	} {
		for _, r := range marks {
			set(r, b)
		}
	}
	for i, b := range bits {
		r := plane + rune(i)
		if b&(white|control) != 0 || r == 0x200B || r == 0x2060 || r == 0xFEFF {
			if text.Blank(r) {
				bits[i] |= blank
			}
		}
		if b&white != 0 {
			bits[i] &^= control
		}
	}
	return bits
}

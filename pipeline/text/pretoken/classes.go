package pretoken

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// Classes of characters. A character has several.
const (
	letter  uint16 = 1 << iota // \p{L}
	head                       // \p{Lu}, \p{Lt}, \p{Lm}, \p{Lo}, \p{M}
	tail                       // \p{Ll}, \p{Lm}, \p{Lo}, \p{M}
	number                     // \p{N}
	space                      // \s
	newline                    // \r and \n
	slash                      // /
	other                      // [^\s\p{L}\p{N}]: marks too
	sign                       // \p{P}, \p{S}
)

// both are the classes of letters that are neither large nor small.
const both = letter | head | tail

// classes has the classes of each character, in pages of 256, most of which are equal to others.
type classes struct {
	ascii [utf8.RuneSelf]uint16
	page  [(unicode.MaxRune + 1) >> 8]uint8
	pages [][256]uint16
}

// loadClasses makes the table, once.
var loadClasses = sync.OnceValue(func() *classes {
	all := make([]uint16, unicode.MaxRune+1)
	add := func(table *unicode.RangeTable, class uint16) {
		for _, span := range table.R16 {
			for r := rune(span.Lo); r <= rune(span.Hi); r += rune(span.Stride) {
				all[r] |= class
			}
		}
		for _, span := range table.R32 {
			for r := rune(span.Lo); r <= rune(span.Hi); r += rune(span.Stride) {
				all[r] |= class
			}
		}
	}
	add(unicode.Lu, letter|head)
	add(unicode.Lt, letter|head)
	add(unicode.Ll, letter|tail)
	add(unicode.Lm, both)
	add(unicode.Lo, both)
	add(unicode.M, head|tail)
	add(unicode.N, number)
	add(unicode.P, sign)
	add(unicode.S, sign)
	add(unicode.Z, space)
	for _, r := range "\t\n\v\f\r\u0085" {
		all[r] |= space
	}
	for r := range all {
		if all[r]&(letter|number|space) == 0 {
			all[r] |= other
		}
	}
	all['\r'] |= newline
	all['\n'] |= newline
	all['/'] |= slash

	c := &classes{}
	copy(c.ascii[:], all)
	seen := map[[256]uint16]uint8{}
	for i := range c.page {
		page := [256]uint16(all[i<<8:])
		at, ok := seen[page]
		if !ok {
			if len(c.pages) == 256 {
				panic("pretoken: more than 256 pages of classes differ")
			}
			at = uint8(len(c.pages))
			seen[page] = at
			c.pages = append(c.pages, page)
		}
		c.page[i] = at
	}
	return c
})

// of are the classes of a character.
func (c *classes) of(r rune) uint16 { return c.pages[c.page[uint32(r)>>8]][uint8(r)] }

// at are the classes of the character at a place of text, and how many bytes it has: none at the end.
func (c *classes) at(text []byte, i int) (class uint16, size int) {
	if i >= len(text) {
		return 0, 0
	}
	if b := text[i]; b < utf8.RuneSelf {
		return c.ascii[b], 1
	}
	if ideograph(text, i) {
		return both, 3
	}
	r, size := utf8.DecodeRune(text[i:])
	return c.of(r), size
}

// ideograph says whether one of U+5000 to U+9FFF is there, all of which are letters that are neither large nor small. It may say no of others.
func ideograph(text []byte, i int) bool {
	return i+2 < len(text) && text[i]-0xE5 <= 0xE9-0xE5 && text[i+1]&0xC0 == 0x80 && text[i+2]&0xC0 == 0x80
}

// run is the end of the run of characters of some classes that begins at i.
func (c *classes) run(text []byte, i int, of uint16) int {
	for i < len(text) {
		if b := text[i]; b < utf8.RuneSelf {
			if c.ascii[b]&of == 0 {
				return i
			}
			i++
			continue
		}
		class, size := c.at(text, i)
		if class&of == 0 {
			return i
		}
		i += size
	}
	return i
}

// letters is the end of the run of letters that begins at i.
func (c *classes) letters(text []byte, i int) int {
	for i < len(text) {
		if b := text[i]; b < utf8.RuneSelf {
			if c.ascii[b]&letter == 0 {
				return i
			}
			i++
			continue
		}
		if ideograph(text, i) {
			i += 3
			continue
		}
		class, size := c.at(text, i)
		if class&letter == 0 {
			return i
		}
		i += size
	}
	return i
}

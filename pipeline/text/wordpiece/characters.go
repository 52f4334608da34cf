package wordpiece

import (
	"unicode"
	"unicode/utf8"
)

// characters has the tokens of a vocabulary of characters, in pages of 256, most of which are the same: that of unknown ones.
type characters struct {
	page  [(unicode.MaxRune + 1) >> 8]uint16
	pages [][256]int32
}

// newCharacters makes it of the words that are one character.
func newCharacters(ids map[string]int32, unknown int32) *characters {
	c := &characters{pages: make([][256]int32, 1)}
	for i := range c.pages[0] {
		c.pages[0][i] = unknown
	}
	for word, id := range ids {
		r, size := utf8.DecodeRuneInString(word)
		if size != len(word) || r == utf8.RuneError && size < 2 {
			continue
		}
		at := &c.page[r>>8]
		if *at == 0 {
			*at = uint16(len(c.pages))
			c.pages = append(c.pages, c.pages[0])
		}
		c.pages[*at][r&0xFF] = id
	}
	return c
}

// append appends the tokens of the characters of a text; -1, for unknown ones where there is no token for them, is left out.
func (c *characters) append(dst []int32, text []byte) []int32 {
	unknown := c.pages[0][0]
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		switch {
		case r < utf8.RuneSelf:
		case uint32(r-0xE1) < 0xED-0xE1 && i+2 < len(text) && text[i+1]&0xC0 == 0x80 && text[i+2]&0xC0 == 0x80:
			r, size = r&0xF<<12|rune(text[i+1]&0x3F)<<6|rune(text[i+2]&0x3F), 3
		default:
			if r, size = utf8.DecodeRune(text[i:]); r == utf8.RuneError && size == 1 {
				if unknown >= 0 {
					dst = append(dst, unknown)
				}
				i++
				continue
			}
		}
		i += size
		if id := c.pages[c.page[r>>8]][r&0xFF]; id >= 0 {
			dst = append(dst, id)
		}
	}
	return dst
}

package charset

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/traditionalchinese"
)

// big5Decoder reads Big5 with the extensions of ETEN, CP950 and Hong Kong (HKSCS-2008), as in the encoding standard of the
// WHATWG. Pairs that have no character there but are for the user's own in CP950 map to the private-use area like there.
//
// Undecodable are 0x80, 0xFF, any other pair, of which the second byte is kept, and half a character at the end.
type big5Decoder struct{ *big5Table }

// big5Table is Big5 as tables.
type big5Table struct {
	pairTable
	// rare are the pairs that the other table has no room for: characters outside of the BMP, and four that are a letter
	// with a combining mark.
	rare map[int]string
}

// big5Tables is built from the library's table, in about a millisecond.
var big5Tables = sync.OnceValue(func() *big5Table {
	t := &big5Table{rare: map[int]string{}}
	eachPair(traditionalchinese.Big5, func(pair int, s []rune) {
		switch {
		case s[0] == utf8.RuneError:
			t.cells[pair] = big5UserDefined(pair>>8, pair&0xFF)
		case len(s) == 1 && s[0] < 1<<16:
			t.cells[pair] = uint16(s[0])
		default:
			t.rare[pair] = string(s)
		}
	})
	t.threes = newThrees(&t.cells)
	return t
})

// big5UserDefined maps the user-defined areas of CP950 to the private-use area, or anything else to 0.
func big5UserDefined(lead, trail int) uint16 {
	const row = 157
	if trail < 0x40 || trail > 0x7E && trail < 0xA1 || trail > 0xFE {
		return 0
	}
	cell := trail - 0x40
	if trail >= 0xA1 {
		cell = trail - 0xA1 + 63
	}
	switch {
	case 0xFA <= lead && lead <= 0xFE:
		return uint16(0xE000 + (lead-0xFA)*row + cell)
	case 0x8E <= lead && lead <= 0xA0:
		return uint16(0xE311 + (lead-0x8E)*row + cell)
	case 0x81 <= lead && lead <= 0x8D:
		return uint16(0xEEB8 + (lead-0x81)*row + cell)
	case 0xC6 <= lead && lead <= 0xC8 && (lead > 0xC6 || trail >= 0xA1):
		return uint16(0xF6B1 + (lead-0xC6)*row + cell - 63)
	}
	return 0
}

func (d big5Decoder) decode(dst, src []byte, last bool, c *Counts) (n, i int) {
	for {
		k, taken := d.pairTable.decode(dst[n:], src[i:], c)
		n, i = n+k, i+taken
		if i >= len(src) || len(dst)-n < maxUnit {
			return n, i
		}
		lead := src[i]
		if lead > 0x80 && lead < 0xFF {
			if i+1 == len(src) && !last {
				return n, i
			}
			if i+1 < len(src) {
				if s := d.rare[int(lead)<<8|int(src[i+1])]; s != "" {
					n += copy(dst[n:], s)
					i += 2
					continue
				}
			}
		}
		c.Replaced++
		n += utf8.EncodeRune(dst[n:], utf8.RuneError)
		i++
	}
}

// unpaired decodes for weighing what cells do not have at the start of b: one character or two, -1 for an undecodable byte, or
// nothing of half a pair.
func (t *big5Table) unpaired(b []byte, last bool) (rs [2]rune, size int) {
	rs[0] = -1
	if lead := b[0]; lead == 0x80 || lead == 0xFF {
		return rs, 1
	}
	if len(b) == 1 {
		if !last {
			return rs, 0
		}
		return rs, 1
	}
	s := t.rare[int(b[0])<<8|int(b[1])]
	if s == "" {
		return rs, 1
	}
	n := 0
	for _, r := range s {
		rs[n] = r
		n++
	}
	return rs, 2
}

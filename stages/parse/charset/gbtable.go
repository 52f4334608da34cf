package charset

import (
	"sync"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// gbTable is GB18030 as tables.
type gbTable struct {
	pairTable
	// four are the characters of the BMP that take four bytes, by the number those bytes are: all from U+0080 that no pair
	// has, in order.
	four []uint16
}

// gbTables is built from the library's table, in about a millisecond.
var gbTables = sync.OnceValue(func() *gbTable {
	t := new(gbTable)
	eachPair(simplifiedchinese.GB18030, func(pair int, s []rune) {
		if len(s) == 1 && s[0] < 0xFFFD {
			t.cells[pair] = uint16(s[0])
		}
	})
	// The library has no characters for user-defined areas, and those of unassigned cells of its own.
	for lead := 0x81; lead <= 0xFE; lead++ {
		for trail := 0x40; trail <= 0xFE; trail++ {
			if r := gbUserDefined(lead, trail); r != 0 {
				t.cells[lead<<8|trail] = uint16(r)
			}
		}
	}
	for _, g := range gbGaps {
		for i := range g.n {
			t.cells[g.pair+i] = g.private + i
		}
	}
	var paired [1 << 16]bool
	for _, r := range t.cells {
		paired[r] = true
	}
	for r := 0x80; r < 1<<16; r++ {
		if !paired[r] && (r < 0xD800 || r > 0xDFFF) {
			t.four = append(t.four, uint16(r))
		}
	}
	t.threes = newThrees(&t.cells)
	return t
})

// gbUserDefined maps the three user-defined areas of GBK to the private-use area, or anything else to 0.
func gbUserDefined(lead, trail int) int {
	switch {
	case trail == 0x7F:
		return 0
	case 0xAA <= lead && lead <= 0xAF && trail >= 0xA1:
		return 0xE000 + (lead-0xAA)*94 + trail - 0xA1
	case 0xF8 <= lead && trail >= 0xA1:
		return 0xE234 + (lead-0xF8)*94 + trail - 0xA1
	case 0xA1 <= lead && lead <= 0xA7 && trail <= 0xA0:
		r := 0xE4C6 + (lead-0xA1)*96 + trail - 0x40
		if trail > 0x7F {
			r--
		}
		return r
	}
	return 0
}

// gbGaps are the cells outside of the user-defined areas that GB18030-2000 has no character for and maps to the private-use
// area: n cells from pair to n code points from private. Later editions moved some of them to characters that Unicode had
// got meanwhile; text that has them was written before.
var gbGaps = []struct{ pair, private, n uint16 }{
	{0xA2AB, 0xE766, 6},
	{0xA2E4, 0xE76D, 1},
	{0xA2EF, 0xE76E, 2},
	{0xA2FD, 0xE770, 2},
	{0xA4F4, 0xE772, 11},
	{0xA5F7, 0xE77D, 8},
	{0xA6B9, 0xE785, 8},
	{0xA6D9, 0xE78D, 7},
	{0xA6EC, 0xE794, 2},
	{0xA6F3, 0xE796, 1},
	{0xA6F6, 0xE797, 9},
	{0xA7C2, 0xE7A0, 15},
	{0xA7F2, 0xE7AF, 13},
	{0xA896, 0xE7BC, 11},
	{0xA8BC, 0xE7C7, 1},
	{0xA8C1, 0xE7C9, 4},
	{0xA8EA, 0xE7CD, 21},
	{0xA958, 0xE7E2, 1},
	{0xA95B, 0xE7E3, 1},
	{0xA95D, 0xE7E4, 3},
	{0xA997, 0xE7F4, 13},
	{0xA9F0, 0xE801, 15},
	{0xD7FA, 0xE810, 5},
	{0xFE51, 0xE816, 3},
	{0xFE59, 0xE81E, 1},
	{0xFE61, 0xE826, 1},
	{0xFE66, 0xE82B, 2},
	{0xFE6C, 0xE831, 2},
	{0xFE76, 0xE83B, 1},
	{0xFE7E, 0xE843, 1},
	{0xFE90, 0xE854, 2},
	{0xFEA0, 0xE864, 1},
}

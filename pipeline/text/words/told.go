package words

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// loadTold makes the table of the letters and numbers of the BMP, once.
var loadTold = sync.OnceValue(func() *[1 << 16 / 64]uint64 {
	table := new([1 << 16 / 64]uint64)
	for r := range rune(1 << 16) {
		if unicode.In(r, unicode.L, unicode.N) {
			table[r/64] |= 1 << (r % 64)
		}
	}
	return table
})

// isWord says whether a piece has a letter or a number.
func (c *Cutter) isWord(piece []byte) bool {
	for i := 0; i < len(piece); {
		r, size := rune(piece[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(piece[i:])
		}
		if r >= 1<<16 {
			if unicode.In(r, unicode.L, unicode.N) {
				return true
			}
		} else if c.told[r/64]>>(r%64)&1 != 0 {
			return true
		}
		i += size
	}
	return false
}

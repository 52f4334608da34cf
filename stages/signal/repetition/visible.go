package repetition

import (
	"encoding/binary"
	"sync"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
)

// loadVisible makes the table of which characters of the basic plane are visible, once. No others are blank.
var loadVisible = sync.OnceValue(func() *[1 << 16]uint8 {
	table := new([1 << 16]uint8)
	for r := range table {
		if !text.Blank(rune(r)) {
			table[r] = 1
		}
	}
	return table
})

// Two three-byte sequences in one little-endian word: which bits must have which value.
const (
	pairMask = 0xC0C0F0C0C0F0
	pairBits = 0x8080E08080E0
)

// visible decodes the beginning of a text: its first visible characters, at most limit. It returns how many these are, and how many bytes it
// read. dst has room for one more.
func visible(dst []uint32, t []byte, limit int) (n, read int) {
	table := loadVisible()
	i := 0
	for n < limit && i < len(t) {
		if len(t)-i >= 8 && n+1 < limit {
			w := binary.LittleEndian.Uint64(t[i:])
			if w&pairMask == pairBits {
				a, b := pairUnit(w), pairUnit(w>>24)
				dst[n] = uint32(a)
				n += int(table[a])
				dst[n] = uint32(b)
				n += int(table[b])
				i += 6
				continue
			}
		}
		r, size := rune(t[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(t[i:])
		}
		dst[n] = uint32(r)
		if r >= 1<<16 {
			n++
		} else {
			n += int(table[r])
		}
		i += size
	}
	return n, i
}

func pairUnit(w uint64) uint16 { return uint16(w&0xF<<12 | w>>8&0x3F<<6 | w>>16&0x3F) }

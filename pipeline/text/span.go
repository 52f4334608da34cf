package text

import (
	"encoding/binary"
	"unicode/utf8"
)

// Span is the length of the longest prefix of t that is made of BMP characters whose value in the table is 0. It is how a
// stage skips what it has nothing to do with: two Chinese characters at a time. In text that is not valid UTF-8 an overlong
// sequence may count as the character it spells.
func Span(table *[1 << 16]uint8, t []byte) int {
	end := len(t)
	for len(t) > 0 {
		for len(t) >= 8 {
			w := binary.LittleEndian.Uint64(t)
			if w&pairMask != pairBits || table[index3(w)]|table[index3(w>>24)] != 0 {
				break
			}
			t = t[6:]
		}
		if len(t) >= 4 {
			if w := uint64(binary.LittleEndian.Uint32(t)); w&oneMask == oneBits {
				if table[index3(w)] != 0 {
					break
				}
				t = t[3:]
				continue
			}
		}
		n := 0
		for n < len(t) && t[n] < utf8.RuneSelf && table[t[n]] == 0 {
			n++
		}
		if n > 0 {
			t = t[n:]
			continue
		}
		if len(t) == 0 || t[0] < utf8.RuneSelf {
			break
		}
		r, size := utf8.DecodeRune(t)
		if r >= 1<<16 || r == utf8.RuneError && size == 1 || table[r] != 0 {
			break
		}
		t = t[size:]
	}
	return end - len(t)
}

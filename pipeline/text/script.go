package text

import (
	"encoding/binary"
	"sync"
	"unicode"
	"unicode/utf8"
)

// IsHan says whether r belongs to the Han script: ideographs, their radicals, 々, 〇 and the Suzhou numerals, but neither
// 。 and 、 nor any other punctuation.
func IsHan(r rune) bool {
	if r >= 0x4E00 && r <= 0x9FFF {
		return true
	}
	return r >= 0x2E80 && unicode.Is(unicode.Han, r)
}

// Values of a script table.
const (
	scriptSpace = 0
	scriptOther = 1 << 1
	scriptHan   = 1<<1 | 1
)

// loadScripts makes the table of the BMP, once: whether a character is visible in bit 1, and whether it is Han in bit 0.
var loadScripts = sync.OnceValue(func() *[1 << 16]uint8 {
	table := new([1 << 16]uint8)
	for r := range table {
		table[r] = scriptOther
	}
	for _, span := range unicode.Han.R16 {
		for r := rune(span.Lo); r <= rune(span.Hi); r += rune(span.Stride) {
			table[r] = scriptHan
		}
	}
	for _, span := range unicode.White_Space.R16 {
		for r := rune(span.Lo); r <= rune(span.Hi); r += rune(span.Stride) {
			table[r] = scriptSpace
		}
	}
	return table
})

// CountHan counts the code points of the Han script in t, and those that are not white space. t is valid UTF-8; in other
// text a byte that is part of no character counts as visible. It is safe for concurrent use.
func CountHan(t []byte) (han, visible int) {
	table := loadScripts()
	for len(t) > 0 {
		for len(t) >= 8 {
			w := binary.LittleEndian.Uint64(t)
			if w&pairMask != pairBits {
				break
			}
			a, b := table[index3(w)], table[index3(w>>24)]
			han += int(a&1 + b&1)
			visible += int(a>>1 + b>>1)
			t = t[6:]
		}
		if len(t) == 0 {
			break
		}
		if c := t[0]; c < utf8.RuneSelf {
			visible += int(table[c] >> 1)
			t = t[1:]
			continue
		}
		r, size := utf8.DecodeRune(t)
		if IsHan(r) {
			han++
		}
		if !unicode.IsSpace(r) {
			visible++
		}
		t = t[size:]
	}
	return han, visible
}

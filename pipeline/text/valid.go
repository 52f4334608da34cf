package text

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Two three-byte sequences in one little-endian word: which bits must have which value.
const (
	pairMask = 0xC0C0F0C0C0F0
	pairBits = 0x8080E08080E0
)

// badSecond has a bit for every pair of the low half of a three-byte lead and bit 5 of the byte after it that is no
// character: E0 80-9F is overlong, ED A0-BF is a surrogate.
const badSecond uint32 = 1<<(0x0<<1|0) | 1<<(0xD<<1|1)

// ValidPrefix is the length of the longest prefix of b that is valid UTF-8: len(b) if all of it is. It agrees with
// unicode/utf8 in everything: overlong forms, surrogates and what is above U+10FFFF are invalid, and so is a sequence that
// the end of b cuts off.
func ValidPrefix(b []byte) int {
	i := 0
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		if high := w & highBits; high == 0 {
			i += 8
			continue
		} else if w&0x80 == 0 {
			i += bits.TrailingZeros64(high) / 8
			continue
		}
		if w&pairMask == pairBits {
			first := badSecond >> (w << 1 & 0x1E & 31 | w >> 13 & 1)
			second := badSecond >> (w>>23&0x1E | w>>37&1)
			if (first|second)&1 != 0 {
				break
			}
			i += 6
			continue
		}
		size := sequence(b[i:])
		if size == 0 {
			return i
		}
		i += size
	}
	for i < len(b) {
		size := sequence(b[i:])
		if size == 0 {
			return i
		}
		i += size
	}
	return i
}

// sequence is the length of the valid sequence that b begins with, 0 if there is none.
func sequence(b []byte) int {
	r, size := utf8.DecodeRune(b)
	if r == utf8.RuneError && size == 1 {
		return 0
	}
	return size
}

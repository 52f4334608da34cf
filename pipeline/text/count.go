package text

import (
	"encoding/binary"
	"math/bits"

	"github.com/millrace/millrace/pipeline/text/block"
)

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// CountRunes is the number of code points of valid UTF-8: of bytes that do not continue a sequence. It looks at eight bytes
// at a time.
func CountRunes(t []byte) int {
	runes, read := block.CountRunes(t)
	t = t[read:]
	n := runes + len(t)
	for len(t) >= 32 {
		// Four counts of at most 1 a byte add up to at most 4, so they share one horizontal sum.
		c := continuations(binary.LittleEndian.Uint64(t)) + continuations(binary.LittleEndian.Uint64(t[8:])) +
			continuations(binary.LittleEndian.Uint64(t[16:])) + continuations(binary.LittleEndian.Uint64(t[24:]))
		n -= int(c * lowBits >> 56)
		t = t[32:]
	}
	for len(t) >= 8 {
		n -= bits.OnesCount64(continuations(binary.LittleEndian.Uint64(t)))
		t = t[8:]
	}
	for _, b := range t {
		if b&0xC0 == 0x80 {
			n--
		}
	}
	return n
}

// continuations has 1 in every byte that is 10xxxxxx in w.
func continuations(w uint64) uint64 {
	return w >> 7 & (^w >> 6) & lowBits
}

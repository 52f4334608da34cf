package normalize

import "encoding/binary"

// Eight bytes at once.
const (
	eachByte = 0x0101010101010101
	highBits = 0x80 * eachByte
	lowSeven = 0x7F * eachByte
)

// plainASCII is the number of bytes from run[i] on that are printable ASCII or white space that stays as it is for sure: a
// blank, tab or line end with a visible character on either side, both within the run or just behind it. run[:i] is what
// stays before it.
func plainASCII(run []byte, i int) int {
	from := i
	for i < len(run) {
		if i+8 <= len(run) {
			if n := plainWord(binary.LittleEndian.Uint64(run[i:])); n > 0 {
				i += n
				continue
			}
		}
		c := run[i]
		if c >= 0x7F || c <= ' ' && !loneSpace(run, i) {
			break
		}
		i++
	}
	return i - from
}

// plainWord says of eight bytes that begin with a visible one how many can be taken at once: all of them, or all but a blank
// at the end, if they are visible ASCII with single blanks. It is 0 if they are anything else.
func plainWord(w uint64) int {
	// In each byte the high bit: not ASCII; below 0x20; 0x7F; 0x20. The first three are exact if they are all zero.
	strange := w | (w - 0x20*eachByte) | (w + eachByte)
	x := w ^ (0x20 * eachByte)
	blank := ^(((x & lowSeven) + lowSeven) | x | lowSeven)
	if strange&highBits != 0 || blank&(blank<<8|0x80) != 0 {
		return 0
	}
	return 8 - int(blank>>63)
}

// loneSpace says whether run[i] is a blank, tab or line end with a visible character on either side.
func loneSpace(run []byte, i int) bool {
	if c := run[i]; c != ' ' && c != '\n' && c != '\t' || i == 0 || i+1 == len(run) || run[i-1] <= ' ' {
		return false
	}
	next := run[i+1]
	return next > ' ' && next < 0x7F || next >= 0xE4 && next <= 0xE9
}

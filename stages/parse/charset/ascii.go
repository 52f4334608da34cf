package charset

import (
	"encoding/binary"
	"unicode/utf8"
)

// highBits is set in a byte of eight that is not ASCII.
const highBits = 0x8080808080808080

// ascii copies the ASCII at the start of src, as much as dst holds, and returns its length.
func ascii(dst, src []byte) int {
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	i := 0
	for i+8 <= n {
		v := binary.LittleEndian.Uint64(src[i:])
		if v&highBits != 0 {
			break
		}
		binary.LittleEndian.PutUint64(dst[i:], v)
		i += 8
	}
	for i < n && src[i] < utf8.RuneSelf {
		dst[i] = src[i]
		i++
	}
	return i
}

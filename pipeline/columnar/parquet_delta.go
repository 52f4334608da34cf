package columnar

import (
	"encoding/binary"
	"math/bits"
)

const (
	deltaBlock = 128 // differences that share their least one
	deltaMini  = 32  // that share their width in bits
)

// appendDelta encodes values by DELTA_BINARY_PACKED (parquet-format, Encodings.md, "Delta Encoding"): each is the value before and a difference, of which a
// block has the least, and how much the others are above it, in as few bits as 32 of them take. There is a value at least.
func appendDelta(b []byte, values []int64) []byte {
	b = binary.AppendUvarint(b, deltaBlock)
	b = binary.AppendUvarint(b, deltaBlock/deltaMini)
	b = binary.AppendUvarint(b, uint64(len(values)))
	b = binary.AppendVarint(b, values[0])
	for from := 1; from < len(values); from += deltaBlock {
		n := min(deltaBlock, len(values)-from)
		least := values[from] - values[from-1]
		for i := from; i < from+n; i++ {
			least = min(least, values[i]-values[i-1]) // which may overflow, as the sum does that undoes it
		}
		var above [deltaBlock]uint64 // zeros fill up the last 32
		for i := range n {
			above[i] = uint64(values[from+i] - values[from+i-1] - least)
		}
		var widths [deltaBlock / deltaMini]byte
		for mini := range widths {
			all := uint64(0)
			for _, v := range above[mini*deltaMini:][:deltaMini] {
				all |= v
			}
			widths[mini] = byte(bits.Len64(all))
		}
		b = binary.AppendVarint(b, least)
		b = append(b, widths[:]...)
		for mini, width := range widths {
			b = appendWidth(b, (*[deltaMini]uint64)(above[mini*deltaMini:]), uint(width))
		}
	}
	return b
}

// appendWidth encodes values of width bits, the lowest first.
func appendWidth(b []byte, values *[deltaMini]uint64, width uint) []byte {
	if width == 0 {
		return b
	}
	word, filled := uint64(0), uint(0)
	for _, v := range values {
		word |= v << filled
		if filled += width; filled < 64 {
			continue
		}
		b = binary.LittleEndian.AppendUint64(b, word)
		filled -= 64
		word = v >> (width - filled) // 0 if nothing is left, as a shift by 64 is
	}
	if filled > 0 { // 32 values of an odd width end in the middle of a word
		b = binary.LittleEndian.AppendUint32(b, uint32(word))
	}
	return b
}

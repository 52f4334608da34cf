package shingle

import (
	"encoding/binary"
	"math/bits"
)

// EqualBytes is the number of positions where two signatures agree, eight at a time.
func EqualBytes(a, b *[slotCount]byte) int {
	const low7 = 0x7F7F7F7F7F7F7F7F
	n := 0
	for i := 0; i < slotCount; i += 8 {
		x := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:])
		// The high bit of a byte of differ is set where the byte of x is not zero.
		differ := (x&low7 + low7) | x
		n += bits.OnesCount64(^differ &^ low7)
	}
	return n
}

// LeastEqual is a resemblance as a number of equal signature bytes, one more than there are for what no two texts reach.
// Bytes of different slots agree once in 256, so with e equal bytes the resemblance is estimated as (e-1)/255, with a
// standard deviation of .027 at most from a resemblance of LeastThreshold on.
func LeastEqual(resemblance float64) int {
	e := 1
	for e <= slotCount && float64(e-1)/(slotCount-1) < resemblance {
		e++
	}
	return e
}

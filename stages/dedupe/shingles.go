package dedupe

import "math/bits"

// gram is the length of a shingle in code points of the key text.
const gram = 5

// Multipliers of the shingle hash: odd, with no pattern in their bits.
const (
	spread = 0x9E3779B185EBCA87
	finish = 0xD6E8FEB86659FD93
)

// shingles appends the shingles of a key text to dst, in its order and with repeats, each as a number of 64 bits. It defines the
// set that documents are compared by: sketches estimate the resemblance of these sets, and exact resemblance is counted on them.
func shingles(dst []uint64, key []uint32) []uint64 {
	if len(key) < gram {
		return dst
	}
	var x uint64
	for i, r := range key {
		if i >= gram {
			x ^= bits.RotateLeft64(uint64(key[i-gram])*spread, 11*(gram-1))
		}
		x = bits.RotateLeft64(x, 11) ^ uint64(r)*spread
		if i >= gram-1 {
			dst = append(dst, x)
		}
	}
	return dst
}

// shingleCount is how many shingles a key text has, repeats counted.
func shingleCount(key []uint32) int { return max(len(key)-gram+1, 0) }

// shingleHash is the hash of one shingle of code points: a cyclic polynomial over 64 bits, so that a neighbour's hash follows
// with one multiplication, and a multiplication to finish it.
func shingleHash(w *[gram]uint32) uint32 {
	x := bits.RotateLeft64(uint64(w[0])*spread, 44) ^ bits.RotateLeft64(uint64(w[1])*spread, 33) ^
		bits.RotateLeft64(uint64(w[2])*spread, 22) ^ bits.RotateLeft64(uint64(w[3])*spread, 11) ^ uint64(w[4])*spread
	return finishHash(x)
}

func finishHash(x uint64) uint32 { return uint32((x ^ x>>32) * finish >> 32) }

package dedupe

import "math/bits"

// partitionOf is the partition of a key among n: equal parts of the key space, so it ascends with the key.
func partitionOf(key uint64, n int) int {
	p, _ := bits.Mul64(key, uint64(n))
	return int(p)
}

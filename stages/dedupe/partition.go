package dedupe

import "math/bits"

// partitionOf is the partition of a key among n: equal parts of the key space, so it ascends with the key.
func partitionOf(key uint64, n int) int {
	p, _ := bits.Mul64(key, uint64(n))
	return int(p)
}

// firstKey is the least key of partition p of n; p = n has none, and the result is 0.
func firstKey(p, n int) uint64 {
	if p == 0 || p == n {
		return 0
	}
	key, rest := bits.Div64(uint64(p), 0, uint64(n))
	if rest > 0 {
		key++
	}
	return key
}

// keyRange returns the least and the greatest key of partition p of n.
func keyRange(p, n int) (first, last uint64) {
	return firstKey(p, n), firstKey(p+1, n) - 1
}

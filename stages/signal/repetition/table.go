package repetition

import "math/bits"

// A slot of a table has a key, which is never the same for two different things, and a count or a place in its low bits; it is empty where these
// are 0. The key of an n-gram is the numbers of its beginning and its end, runs that are shorter by one: these, and code points, are below
// 1<<numberBits.
const (
	numberBits = 21
	lowBits    = 20
	lowMask    = 1<<lowBits - 1
)

// key is what an n-gram is told by, where a slot has it.
func key(beginning, end uint32) uint64 {
	return uint64(beginning)<<(numberBits+lowBits) | uint64(end)<<lowBits
}

// table makes a table empty, with room for so many keys: two places in three at most are taken. It returns it, and by how much a hash is
// shifted to be a place in it.
func table(slots []uint64, n int) (empty []uint64, shift uint8) {
	width := bits.Len(uint(max(n+n/2, 16)))
	empty = slots[:1<<width]
	clear(empty)
	return empty, uint8(64 - width)
}

// find is where a key is or may be put, at i or behind it. Whether it is there is told by no branch, as that is as hard to foresee as the text.
func find(slots []uint64, key, i uint64) uint64 {
	for {
		if s := slots[i]; (s^key)>>lowBits&-min(s, 1) == 0 {
			return i
		}
		if i++; i == uint64(len(slots)) {
			i = 0
		}
	}
}

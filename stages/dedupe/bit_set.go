package dedupe

import "slices"

// orInto adds the bits of a set to another one.
func orInto(dst, src []uint64) []uint64 {
	if len(dst) < len(src) {
		dst = append(dst, make([]uint64, len(src)-len(dst))...)
	}
	for i, w := range src {
		dst[i] |= w
	}
	return dst
}

// setBit sets a bit of a set.
func setBit(set []uint64, bit int32) []uint64 {
	if n := int(bit)/64 + 1; n > len(set) {
		set = append(slices.Grow(set, n-len(set)), make([]uint64, n-len(set))...)
	}
	set[bit/64] |= 1 << (bit % 64)
	return set
}

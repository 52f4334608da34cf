//go:build goexperiment.simd && amd64 && !go1.27

package block

import "simd/archsimd"

// lanes is how many hashes are made at once.
const lanes = 8

func grams512(dst, key []uint32, spread, finish uint64) (n int) {
	factor, finisher, half := archsimd.BroadcastUint64x8(spread), archsimd.BroadcastUint64x8(finish), archsimd.BroadcastUint64x8(32)
	for n+lanes <= len(dst) && n+lanes+GramLength-1 <= len(key) {
		k := (*[lanes + GramLength - 1]uint32)(key[n:])
		x := coefficients(k[0:], factor).RotateAllLeft(44).
			Xor(coefficients(k[1:], factor).RotateAllLeft(33)).
			Xor(coefficients(k[2:], factor).RotateAllLeft(22)).
			Xor(coefficients(k[3:], factor).RotateAllLeft(11)).
			Xor(coefficients(k[4:], factor))
		x = x.Xor(x.ShiftRight(half)).Mul(finisher).ShiftRight(half)
		x.TruncateToUint32().Store((*[lanes]uint32)(dst[n:]))
		n += lanes
	}
	archsimd.ClearAVXUpperBits()
	return n
}

// coefficients are the products of eight code points with a factor.
func coefficients(key []uint32, factor archsimd.Uint64x8) archsimd.Uint64x8 {
	return archsimd.LoadUint32x8((*[lanes]uint32)(key)).ExtendToUint64().Mul(factor)
}

// The package of vectors is an experiment of Go 1.26: a later one may have another interface, and is built without until
// somebody has looked.

//go:build goexperiment.simd && amd64 && !go1.27

package block

import "simd/archsimd"

func available() bool { return archsimd.X86.AVX2() }

// wide says whether there is what Decodes says.
var wide = archsimd.X86.AVX512() && archsimd.X86.AVX512VBMI2()

func plain(t []byte) (n int, found bool) {
	if wide {
		return plain512(t)
	}
	return plain256(t)
}

func validPrefix(t []byte) int {
	if wide {
		return validPrefix512(t)
	}
	return validPrefix256(t)
}

func countRunes(t []byte) (runes, read int) {
	if wide {
		return countRunes512(t)
	}
	return countRunes256(t)
}

func threes(t []byte) (high, three, read int) {
	if wide {
		return threes512(t)
	}
	return threes256(t)
}

func sequences(t []byte) (s Sequences, read int) {
	if wide {
		return sequences512(t)
	}
	return sequences256(t)
}

func controls(t []byte) (n, read int) {
	if wide {
		return controls512(t)
	}
	return controls256(t)
}

func layoutOf(t []byte, odd *Leads) Layout {
	if wide {
		return layoutOf512(t, odd)
	}
	return layoutOf256(t, odd)
}

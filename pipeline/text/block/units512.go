//go:build goexperiment.simd && amd64 && !go1.27

package block

import (
	"math/bits"
	"simd/archsimd"
)

// half is how many units a vector holds.
const half = Size / 2

func loadUnits(u []uint16) archsimd.Uint16x32 { return archsimd.LoadUint16x32((*[half]uint16)(u)) }

func width512(units []uint16) (more, read int) {
	x80, x800 := archsimd.BroadcastUint16x32(0x80), archsimd.BroadcastUint16x32(0x800)
	for ; read+half <= len(units); read += half {
		u := loadUnits(units[read:])
		more += bits.OnesCount32(u.GreaterEqual(x80).ToBits()) + bits.OnesCount32(u.GreaterEqual(x800).ToBits())
	}
	archsimd.ClearAVXUpperBits()
	return more, read
}

func from512(masks []uint64, values []uint16, least uint16) {
	bound := archsimd.BroadcastUint16x32(least)
	for i := 0; i < len(values); i += Size {
		v := values[i : i+Size]
		mask := uint64(loadUnits(v).GreaterEqual(bound).ToBits()) | uint64(loadUnits(v[half:]).GreaterEqual(bound).ToBits())<<half
		if rest := len(values) - i; rest < Size {
			mask &= 1<<rest - 1
		}
		masks[i/Size] = mask
	}
	archsimd.ClearAVXUpperBits()
}

func compact512(dst []uint32, values []uint16) (n int) {
	zero := archsimd.Uint16x32{}
	for i := 0; i < len(values); i += half {
		v := loadUnits(values[i : i+half])
		wanted := v.NotEqual(zero).ToBits()
		if rest := len(values) - i; rest < half {
			wanted &= 1<<rest - 1
		}
		v = v.Compress(archsimd.Mask16x32FromBits(wanted))
		out := (*[half]uint32)(dst[n:])
		v.GetLo().ExtendToUint32().Store((*[half / 2]uint32)(out[:half/2]))
		v.GetHi().ExtendToUint32().Store((*[half / 2]uint32)(out[half/2:]))
		n += bits.OnesCount32(wanted)
	}
	archsimd.ClearAVXUpperBits()
	return n
}

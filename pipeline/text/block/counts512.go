//go:build goexperiment.simd && amd64 && !go1.27

package block

import (
	"math/bits"
	"simd/archsimd"
)

func threes512(t []byte) (high, threes, read int) {
	e0, f0, limit := all512(0xE0), all512(0xF0), archsimd.BroadcastInt8x64(behindContinuations)
	for ; read+Size+Ahead <= len(t); read += Size {
		block := (*[Size + Ahead]byte)(t[read:])
		b, next, third := load512(block[:]), load512(block[1:]), load512(block[2:])
		high += bits.OnesCount64(highBits512(b))
		leads := b.GreaterEqual(e0).ToBits() & b.Less(f0).ToBits()
		threes += bits.OnesCount64(leads & next.AsInt8x64().Less(limit).ToBits() & third.AsInt8x64().Less(limit).ToBits())
	}
	archsimd.ClearAVXUpperBits()
	return high, threes, read
}

func sequences512(t []byte) (s Sequences, read int) {
	limit := archsimd.BroadcastInt8x64(behindContinuations)
	for ; read+Size+FarAhead <= len(t); read += Size {
		block := (*[Size + FarAhead]byte)(t[read:])
		b := load512(block[:])
		second := load512(block[1:]).AsInt8x64().Less(limit).ToBits()
		third := second & load512(block[2:]).AsInt8x64().Less(limit).ToBits()
		fourth := third & load512(block[3:]).AsInt8x64().Less(limit).ToBits()
		s.add(marksOf512(b), second, third, fourth)
	}
	archsimd.ClearAVXUpperBits()
	return s, read
}

func controls512(t []byte) (n, read int) {
	blank, tab, spaces, del := all512(' '), all512('\t'), all512('\r'-'\t'+1), all512(0x7F)
	for ; read+Size <= len(t); read += Size {
		b := load512(t[read:])
		n += bits.OnesCount64(b.Less(blank).ToBits()&^b.Sub(tab).Less(spaces).ToBits() | b.Equal(del).ToBits())
	}
	archsimd.ClearAVXUpperBits()
	return n, read
}

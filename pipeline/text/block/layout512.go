//go:build goexperiment.simd && amd64 && !go1.27

package block

import "simd/archsimd"

func layoutOf512(t []byte, odd *Leads) Layout {
	b := load512(t)
	line := b.Equal(all512('\n')).ToBits()
	white := line | b.Equal(all512(' ')).ToBits() | b.Equal(all512('\t')).ToBits()
	controls := b.Less(all512(' ')).ToBits() | b.Equal(all512(0x7F)).ToBits()
	table := archsimd.LoadUint8x64(&odd.sixBits)
	// An index has six bits.
	leads := table.Permute(b).NotEqual(bytes64{}).ToBits() & b.GreaterEqual(all512(0xC0)).ToBits()
	archsimd.ClearAVXUpperBits()
	return Layout{White: white, Line: line, Odd: controls&^white | leads}
}

//go:build goexperiment.simd && amd64 && !go1.27

package block

import "simd/archsimd"

func layoutOf(t []byte, odd *Leads) Layout {
	b := load(t)
	line := b.Equal(all('\n')).ToBits()
	white := line | b.Equal(all(' ')).ToBits() | b.Equal(all('\t')).ToBits()
	controls := b.Less(all(' ')).ToBits() | b.Equal(all(0x7F)).ToBits()
	table := archsimd.LoadUint8x64((*[Size]uint8)(odd))
	// An index has six bits.
	leads := table.Permute(b).NotEqual(bytes64{}).ToBits() & b.GreaterEqual(all(0xC0)).ToBits()
	archsimd.ClearAVXUpperBits()
	return Layout{White: white, Line: line, Odd: controls&^white | leads}
}

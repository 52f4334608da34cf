//go:build goexperiment.simd && amd64 && !go1.27

package block

import (
	"math/bits"
	"simd/archsimd"
)

// halves are a block in two vectors. AVX2 compares only signed numbers, and tells of a comparison in the highest bits of bytes; what is at
// most, and at least, a byte is what the lesser, and the greater, of the two equals.
type halves struct{ first, last archsimd.Uint8x32 }

func load256(t []byte) halves {
	b := (*[Size]byte)(t)
	return halves{archsimd.LoadUint8x32((*[Size / 2]byte)(b[:Size/2])), archsimd.LoadUint8x32((*[Size / 2]byte)(b[Size/2:]))}
}

func all256(b uint8) archsimd.Uint8x32 { return archsimd.BroadcastUint8x32(b) }

func maskOf(first, last archsimd.Mask8x32) uint64 {
	return uint64(first.ToBits()) | uint64(last.ToBits())<<(Size/2)
}

func (h halves) equal(b archsimd.Uint8x32) uint64 { return maskOf(h.first.Equal(b), h.last.Equal(b)) }

func (h halves) atMost(b archsimd.Uint8x32) uint64 {
	return maskOf(h.first.Min(b).Equal(h.first), h.last.Min(b).Equal(h.last))
}

func (h halves) atLeast(b archsimd.Uint8x32) uint64 {
	return maskOf(h.first.Max(b).Equal(h.first), h.last.Max(b).Equal(h.last))
}

func (h halves) below(b archsimd.Int8x32) uint64 {
	return maskOf(b.Greater(h.first.AsInt8x32()), b.Greater(h.last.AsInt8x32()))
}

// highest has the highest bit of every byte.
func (h halves) highest() uint64 { return h.below(archsimd.Int8x32{}) }

func (h halves) twice() halves { return halves{h.first.Add(h.first), h.last.Add(h.last)} }

func plain256(t []byte) (int, bool) {
	quote, slash, control := all256('"'), all256('\\'), all256(' '-1)
	stops := func(b archsimd.Uint8x32) archsimd.Mask8x32 {
		return b.Equal(quote).Or(b.Equal(slash)).Or(b.Min(control).Equal(b))
	}
	for i := 0; ; i += Size {
		if i+Size > len(t) {
			archsimd.ClearAVXUpperBits()
			return i, false
		}
		b := load256(t[i:])
		if found := maskOf(stops(b.first), stops(b.last)); found != 0 {
			archsimd.ClearAVXUpperBits()
			return i + bits.TrailingZeros64(found), true
		}
	}
}

// behindContinuations is C0 as a signed number: bytes that continue a sequence are below it, and ASCII is not.
const behindContinuations = -0x40

func countRunes256(t []byte) (runes, read int) {
	limit := archsimd.BroadcastInt8x32(behindContinuations)
	for ; read+Size <= len(t); read += Size {
		runes += Size - bits.OnesCount64(load256(t[read:]).below(limit))
	}
	archsimd.ClearAVXUpperBits()
	return runes, read
}

func marksOf256(b halves) marks {
	b2 := b.twice()
	b4 := b2.twice()
	return marksOf(b.highest(), b2.highest(), b4.highest(), b4.twice().highest())
}

func validPrefix256(t []byte) int {
	i, carry := 0, uint64(0)
	for ; i+Size <= len(t); i += Size {
		b := load256(t[i:])
		m := marksOf256(b)
		if m.misplaced(carry) || b.rare() != 0 && !rareOf256(b, m).valid(m, t[i+Size-1:]) {
			break
		}
		carry = m.carry()
	}
	archsimd.ClearAVXUpperBits()
	return beginOfLast(t, i, carry)
}

// rare are the first bytes that begin no sequence, or one of four bytes, or one whose second byte may not be any: C0, C1, E0, ED and from
// F0 on.
func (h halves) rare() uint64 {
	c0, e0, ed, f0, xFE := all256(0xC0), all256(0xE0), all256(0xED), all256(0xF0), all256(0xFE)
	of := func(b archsimd.Uint8x32) archsimd.Mask8x32 {
		return b.And(xFE).Equal(c0).Or(b.Equal(e0)).Or(b.Equal(ed)).Or(b.Max(f0).Equal(b))
	}
	return maskOf(of(h.first), of(h.last))
}

// rareOf256 finds the bytes that rare sequences have, those of four only if m has one.
func rareOf256(b halves, m marks) (r rare) {
	r.early, r.high = b.atMost(all256(0xC1)), b.atLeast(all256(0xA0))
	r.e0, r.ed = b.equal(all256(0xE0)), b.equal(all256(0xED))
	if m.four != 0 {
		r.low, r.late = b.atMost(all256(0x8F)), b.atLeast(all256(0xF5))
		r.f0, r.f4 = b.equal(all256(0xF0)), b.equal(all256(0xF4))
	}
	return r
}

func threes256(t []byte) (high, threes, read int) {
	e0, xF0, limit := all256(0xE0), all256(0xF0), archsimd.BroadcastInt8x32(behindContinuations)
	for ; read+Size+Ahead <= len(t); read += Size {
		block := (*[Size + Ahead]byte)(t[read:])
		b, next, third := load256(block[:]), load256(block[1:]), load256(block[2:])
		high += bits.OnesCount64(b.highest())
		leads := maskOf(b.first.And(xF0).Equal(e0), b.last.And(xF0).Equal(e0))
		threes += bits.OnesCount64(leads & next.below(limit) & third.below(limit))
	}
	archsimd.ClearAVXUpperBits()
	return high, threes, read
}

func sequences256(t []byte) (s Sequences, read int) {
	limit := archsimd.BroadcastInt8x32(behindContinuations)
	for ; read+Size+FarAhead <= len(t); read += Size {
		block := (*[Size + FarAhead]byte)(t[read:])
		b := load256(block[:])
		second := load256(block[1:]).below(limit)
		third := second & load256(block[2:]).below(limit)
		fourth := third & load256(block[3:]).below(limit)
		s.add(marksOf256(b), second, third, fourth)
	}
	archsimd.ClearAVXUpperBits()
	return s, read
}

func controls256(t []byte) (n, read int) {
	control, tab, spaces, del := all256(' '-1), all256('\t'), all256('\r'-'\t'), all256(0x7F)
	white := func(b archsimd.Uint8x32) archsimd.Mask8x32 { b = b.Sub(tab); return b.Min(spaces).Equal(b) }
	for ; read+Size <= len(t); read += Size {
		b := load256(t[read:])
		n += bits.OnesCount64(b.atMost(control)&^maskOf(white(b.first), white(b.last)) | b.equal(del))
	}
	archsimd.ClearAVXUpperBits()
	return n, read
}

// bitOfNibble has, for the high four bits of a first byte, its bit in the nibbles of Leads.
var bitOfNibble = [2 * nibble]uint8{0xC: 1, 0xD: 2, 0xE: 4, 0xF: 8, nibble + 0xC: 1, nibble + 0xD: 2, nibble + 0xE: 4, nibble + 0xF: 8}

func layoutOf256(t []byte, odd *Leads) Layout {
	b := load256(t)
	line := b.equal(all256('\n'))
	blank, tab, control, del := all256(' '), all256('\t'), all256(' '-1), all256(0x7F)
	low, high, none := archsimd.LoadUint8x32(&odd.nibbles), archsimd.LoadUint8x32(&bitOfNibble), archsimd.Uint8x32{}
	x0F, four := all256(0x0F), archsimd.BroadcastUint32x8(4)
	white := func(b archsimd.Uint8x32) archsimd.Mask8x32 { return b.Equal(blank).Or(b.Equal(tab)) }
	controls := func(b archsimd.Uint8x32) archsimd.Mask8x32 { return b.Min(control).Equal(b).Or(b.Equal(del)) }
	even := func(b archsimd.Uint8x32) archsimd.Mask8x32 {
		of := low.PermuteOrZeroGrouped(b.And(x0F).AsInt8x32())
		bit := high.PermuteOrZeroGrouped(b.AsUint32x8().ShiftRight(four).AsUint8x32().And(x0F).AsInt8x32())
		return of.And(bit).Equal(none)
	}
	whites := line | maskOf(white(b.first), white(b.last))
	odds := maskOf(controls(b.first), controls(b.last))&^whites | ^maskOf(even(b.first), even(b.last))
	archsimd.ClearAVXUpperBits()
	return Layout{White: whites, Line: line, Odd: odds}
}

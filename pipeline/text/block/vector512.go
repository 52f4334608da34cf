//go:build goexperiment.simd && amd64 && !go1.27

package block

import (
	"math/bits"
	"simd/archsimd"
)

type bytes64 = archsimd.Uint8x64

func load512(t []byte) bytes64 { return archsimd.LoadUint8x64((*[Size]byte)(t)) }

func all512(b uint8) bytes64 { return archsimd.BroadcastUint8x64(b) }

func plain512(t []byte) (int, bool) {
	quote, slash, blank := all512('"'), all512('\\'), all512(' ')
	for i := 0; ; i += Size {
		if i+Size > len(t) {
			archsimd.ClearAVXUpperBits()
			return i, false
		}
		b := load512(t[i:])
		if stops := b.Equal(quote).ToBits() | b.Equal(slash).ToBits() | b.Less(blank).ToBits(); stops != 0 {
			archsimd.ClearAVXUpperBits()
			return i + bits.TrailingZeros64(stops), true
		}
	}
}

func countRunes512(t []byte) (runes, read int) {
	const lastContinuation = -0x41 // BF as a signed number
	last := archsimd.BroadcastInt8x64(lastContinuation)
	for ; read+Size <= len(t); read += Size {
		runes += bits.OnesCount64(load512(t[read:]).AsInt8x64().Greater(last).ToBits())
	}
	archsimd.ClearAVXUpperBits()
	return runes, read
}

// highBits512 has the highest bit of every byte.
func highBits512(b bytes64) uint64 { return b.AsInt8x64().Less(archsimd.Int8x64{}).ToBits() }

func marksOf512(b bytes64) marks {
	b2 := b.Add(b)
	b4 := b2.Add(b2)
	return marksOf(highBits512(b), highBits512(b2), highBits512(b4), highBits512(b4.Add(b4)))
}

// rareLeads are the first bytes, by their six low bits, that begin no sequence, or one of four bytes, or one whose second byte may
// not be any: C0, C1, E0, ED and from F0 on. An index of a vector has six bits.
var rareLeads = func() (t [Size]uint8) {
	for c := 0xC0; c <= 0xFF; c++ {
		if c < 0xC2 || c == 0xE0 || c == 0xED || c >= 0xF0 {
			t[c-0xC0] = 1
		}
	}
	return t
}()

func validPrefix512(t []byte) int {
	rare := archsimd.LoadUint8x64(&rareLeads)
	i, carry := 0, uint64(0)
	for ; i+Size <= len(t); i += Size {
		b := load512(t[i:])
		m := marksOf512(b)
		if m.misplaced(carry) || m.two&rare.Permute(b).NotEqual(bytes64{}).ToBits() != 0 && !rareOf512(b, m).valid(m, t[i+Size-1:]) {
			break
		}
		carry = m.carry()
	}
	archsimd.ClearAVXUpperBits()
	return beginOfLast(t, i, carry)
}

// rareOf512 finds the bytes that rare sequences have, those of four only if m has one.
func rareOf512(b bytes64, m marks) (r rare) {
	r.early, r.high = b.Less(all512(0xC2)).ToBits(), b.GreaterEqual(all512(0xA0)).ToBits()
	r.e0, r.ed = b.Equal(all512(0xE0)).ToBits(), b.Equal(all512(0xED)).ToBits()
	if m.four != 0 {
		r.low, r.late = b.Less(all512(0x90)).ToBits(), b.GreaterEqual(all512(0xF5)).ToBits()
		r.f0, r.f4 = b.Equal(all512(0xF0)).ToBits(), b.Equal(all512(0xF4)).ToBits()
	}
	return r
}

// The places of the units in a vector of the low bytes of 64 and one of the high bytes: of the first 32 and of the others.
var firstUnits, lastUnits = func() (first, last [Size]uint8) {
	for i := range uint8(Size / 2) {
		first[2*i], first[2*i+1] = i, Size+i
		last[2*i], last[2*i+1] = Size/2+i, Size+Size/2+i
	}
	return first, last
}()

// decode makes a unit for every byte, as if a sequence began there, and then leaves out those of bytes that continue one.
func decode512(dst []uint16, t []byte) (units, read int) {
	first, last := archsimd.LoadUint8x64(&firstUnits), archsimd.LoadUint8x64(&lastUnits)
	x1F, x3F, x80, xA0, xC0, xE0, xF0 := all512(0x1F), all512(0x3F), all512(0x80), all512(0xA0), all512(0xC0), all512(0xE0), all512(0xF0)
	two, rare := archsimd.BroadcastUint16x32(2), archsimd.LoadUint8x64(&rareLeads)
	carry := uint64(0)
	for read+Size+Ahead <= len(t) && units+Size <= len(dst) {
		block := (*[Size + Ahead]byte)(t[read:])
		b, next, third := load512(block[:]), load512(block[1:]), load512(block[2:])
		isThree := b.GreaterEqual(xE0)
		one := b.Less(x80).ToBits()
		m := marks{two: b.GreaterEqual(xC0).ToBits(), three: isThree.ToBits()}
		m.more = ^(one | m.two)
		if m.misplaced(carry) || m.two&rare.Permute(b).NotEqual(bytes64{}).ToBits() != 0 && (b.GreaterEqual(xF0).ToBits() != 0 || !rareOf512(b, m).short(m, next.GreaterEqual(xA0).ToBits())) {
			break
		}
		carry = m.carry()

		// The six bits that the last byte of a sequence adds to the unit, and what the one before it adds.
		six := next.And(x3F)
		end := third.And(x3F).Merge(six, isThree)
		before := six.Merge(b.And(x1F), isThree)
		low := before.AsUint16x32().ShiftAllLeft(6).AsUint8x64().And(xC0).Or(end)
		top := b.AsUint16x32().ShiftAllLeft(4).AsUint8x64().And(xF0).Masked(isThree)
		top = before.AsUint16x32().ShiftRight(two).AsUint8x64().And(x3F).Or(top)
		isOne := archsimd.Mask8x64FromBits(one)
		low, top = b.Merge(low, isOne), top.Masked(archsimd.Mask8x64FromBits(^one))

		begins := archsimd.Mask8x64FromBits(^m.more)
		low, top = low.Compress(begins), top.Compress(begins)
		out := (*[Size]uint16)(dst[units:])
		low.ConcatPermute(top, first).AsUint16x32().Store((*[Size / 2]uint16)(out[:Size/2]))
		low.ConcatPermute(top, last).AsUint16x32().Store((*[Size / 2]uint16)(out[Size/2:]))
		units += bits.OnesCount64(^m.more)
		read += Size
	}
	archsimd.ClearAVXUpperBits()
	return endUnits(t, units, read, bits.OnesCount64(carry))
}

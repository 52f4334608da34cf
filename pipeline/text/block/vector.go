// The package of vectors is an experiment of Go 1.26: a later one may have another interface, and is built without until
// somebody has looked.

//go:build goexperiment.simd && amd64 && !go1.27

package block

import (
	"math/bits"
	"simd/archsimd"
)

func available() bool { return archsimd.X86.AVX512() && archsimd.X86.AVX512VBMI2() }

type bytes64 = archsimd.Uint8x64

func load(t []byte) bytes64 { return archsimd.LoadUint8x64((*[Size]byte)(t)) }

func all(b uint8) bytes64 { return archsimd.BroadcastUint8x64(b) }

func plain(t []byte) (int, bool) {
	quote, slash, blank := all('"'), all('\\'), all(' ')
	for i := 0; ; i += Size {
		if i+Size > len(t) {
			archsimd.ClearAVXUpperBits()
			return i, false
		}
		b := load(t[i:])
		if stops := b.Equal(quote).ToBits() | b.Equal(slash).ToBits() | b.Less(blank).ToBits(); stops != 0 {
			archsimd.ClearAVXUpperBits()
			return i + bits.TrailingZeros64(stops), true
		}
	}
}

func countRunes(t []byte) (runes, read int) {
	const lastContinuation = -0x41 // BF as a signed number
	last := archsimd.BroadcastInt8x64(lastContinuation)
	for ; read+Size <= len(t); read += Size {
		runes += bits.OnesCount64(load(t[read:]).AsInt8x64().Greater(last).ToBits())
	}
	archsimd.ClearAVXUpperBits()
	return runes, read
}

// highBits has the highest bit of every byte.
func highBits(b bytes64) uint64 { return b.AsInt8x64().Less(archsimd.Int8x64{}).ToBits() }

// marks are the bytes of a block that begin a sequence of two or more bytes, of three or more, of four; and those that continue
// one. They are made of the four highest bits of every byte: a byte added to itself is shifted.
type marks struct{ two, three, four, more uint64 }

func marksOf(b bytes64) (m marks) {
	b2 := b.Add(b)
	b4 := b2.Add(b2)
	b8 := b4.Add(b4)
	high, second := highBits(b), highBits(b2)
	m.more = high &^ second
	m.two = high & second
	m.three = m.two & highBits(b4)
	m.four = m.three & highBits(b8)
	return m
}

// misplaced says whether not those bytes of the block continue a sequence that must, where carry is that of the block before.
func (m marks) misplaced(carry uint64) bool { return m.more != carry|m.two<<1|m.three<<2|m.four<<3 }

// carry is what the sequences of a block are short of behind its end.
func (m marks) carry() uint64 { return m.two>>63 | m.three>>62 | m.four>>61 }

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

func validPrefix(t []byte) int {
	rare := archsimd.LoadUint8x64(&rareLeads)
	i, carry := 0, uint64(0)
	for ; i+Size <= len(t); i += Size {
		b := load(t[i:])
		m := marksOf(b)
		if m.misplaced(carry) || m.two&rare.Permute(b).NotEqual(bytes64{}).ToBits() != 0 && !rareValid(b, m, t[i+Size-1:]) {
			break
		}
		carry = m.carry()
	}
	archsimd.ClearAVXUpperBits()
	// Back to the start of a sequence that the last block is short of.
	if carry != 0 {
		i--
		for t[i]&0xC0 == 0x80 {
			i--
		}
	}
	return i
}

// rareValid says whether the rare sequences that begin in a block are valid as far as their second bytes. That of one that begins with the last
// byte of the block is behind it: last begins with both.
func rareValid(b bytes64, m marks, last []byte) bool {
	const end = 1 << 63
	high, e0, ed := b.GreaterEqual(all(0xA0)).ToBits()>>1, b.Equal(all(0xE0)).ToBits(), b.Equal(all(0xED)).ToBits()
	bad := m.two&b.Less(all(0xC2)).ToBits() | e0&^end&^high | ed&high
	if m.four != 0 {
		low, f0, f4 := b.Less(all(0x90)).ToBits()>>1, b.Equal(all(0xF0)).ToBits(), b.Equal(all(0xF4)).ToBits()
		bad |= b.GreaterEqual(all(0xF5)).ToBits() | f0&low | f4&^end&^low
	}
	return bad == 0 && ((e0|ed|m.four)&end == 0 || beginsSequence(last))
}

// beginsSequence says whether a valid sequence may begin with the first two bytes of t, of which the second is one that continues a
// sequence.
func beginsSequence(t []byte) bool {
	if len(t) < 2 {
		return false
	}
	switch t[0] {
	case 0xE0:
		return t[1] >= 0xA0
	case 0xED:
		return t[1] < 0xA0
	case 0xF0:
		return t[1] >= 0x90
	case 0xF4:
		return t[1] < 0x90
	}
	return true
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
func decode(dst []uint16, t []byte) (units, read int) {
	first, last := archsimd.LoadUint8x64(&firstUnits), archsimd.LoadUint8x64(&lastUnits)
	x1F, x3F, x80, xC0, xE0, xF0 := all(0x1F), all(0x3F), all(0x80), all(0xC0), all(0xE0), all(0xF0)
	two, rare := archsimd.BroadcastUint16x32(2), archsimd.LoadUint8x64(&rareLeads)
	carry := uint64(0)
	for read+Size+Ahead <= len(t) && units+Size <= len(dst) {
		block := (*[Size + Ahead]byte)(t[read:])
		b, next, third := load(block[:]), load(block[1:]), load(block[2:])
		isThree := b.GreaterEqual(xE0)
		one := b.Less(x80).ToBits()
		m := marks{two: b.GreaterEqual(xC0).ToBits(), three: isThree.ToBits()}
		m.more = ^(one | m.two)
		if m.misplaced(carry) || m.two&rare.Permute(b).NotEqual(bytes64{}).ToBits() != 0 && !rareUnits(b, next) {
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
	if carry == 0 {
		return units, read
	}
	return endUnits(t, units, read, bits.OnesCount64(carry))
}

// rareUnits says whether the rare sequences that begin in a block are of two or three bytes, and may begin so.
func rareUnits(b, next bytes64) bool {
	high := next.GreaterEqual(all(0xA0)).ToBits()
	leads := b.GreaterEqual(all(0xC0)).ToBits()
	return leads&b.Less(all(0xC2)).ToBits()|b.GreaterEqual(all(0xF0)).ToBits()|
		b.Equal(all(0xE0)).ToBits()&^high|b.Equal(all(0xED)).ToBits()&high == 0
}

// endUnits is where the decoded units end if the last sequence goes on for short bytes behind the blocks: nobody has looked at these.
func endUnits(t []byte, units, read, short int) (int, int) {
	for i := range short {
		if t[read+i]&0xC0 != 0x80 {
			for read--; t[read]&0xC0 == 0x80; {
				read--
			}
			return units - 1, read
		}
	}
	return units, read + short
}

//go:build goexperiment.simd && amd64 && !go1.27

package block

import "math/bits"

// marks are the bytes of a block that begin a sequence of two or more bytes, of three or more, of four; and those that continue
// one.
type marks struct{ two, three, four, more uint64 }

// marksOf makes them of the four highest bits of every byte, the highest first: a byte added to itself is shifted.
func marksOf(first, second, third, fourth uint64) (m marks) {
	m.more = first &^ second
	m.two = first & second
	m.three = m.two & third
	m.four = m.three & fourth
	return m
}

// add counts the sequences that begin in a block. The others say behind which of its bytes is one that continues a sequence, behind which two,
// and three are.
func (s *Sequences) add(m marks, second, third, fourth uint64) {
	s.High += bits.OnesCount64(m.more | m.two)
	s.Two += bits.OnesCount64(m.two &^ m.three & second)
	s.Three += bits.OnesCount64(m.three &^ m.four & third)
	s.Four += bits.OnesCount64(m.four & fourth)
	s.Begun += bits.OnesCount64(m.three & second)
}

// misplaced says whether not those bytes of the block continue a sequence that must, where carry is that of the block before.
func (m marks) misplaced(carry uint64) bool { return m.more != carry|m.two<<1|m.three<<2|m.four<<3 }

// carry is what the sequences of a block are short of behind its end.
func (m marks) carry() uint64 { return m.two>>63 | m.three>>62 | m.four>>61 }

// rare are bytes of a block by which sequences are told that are not all valid: low are below 90, high from A0 on, early below C2, late
// from F5 on. The others are those bytes themselves. Of low, late, f0 and f4 there are none unless a sequence of four begins in the block.
type rare struct{ low, high, early, late, e0, ed, f0, f4 uint64 }

// valid says whether the rare sequences that begin in a block are valid as far as their second bytes. That of one that begins with the last
// byte of the block is behind it: last begins with both.
func (r rare) valid(m marks, last []byte) bool {
	const end = 1 << 63
	bad := m.two&r.early | r.e0&^end&^(r.high>>1) | r.ed&(r.high>>1) | r.late | r.f0&(r.low>>1) | r.f4&^end&^(r.low>>1)
	return bad == 0 && ((r.e0|r.ed|m.four)&end == 0 || beginsSequence(last))
}

// short is valid of a block without sequences of four bytes: next are the places behind which a byte from A0 on is.
func (r rare) short(m marks, next uint64) bool { return m.two&r.early|r.e0&^next|r.ed&next == 0 }

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

// beginOfLast goes back from the end of the blocks that were looked at to the start of a sequence that the last one is short of.
func beginOfLast(t []byte, end int, carry uint64) int {
	if carry != 0 {
		for end--; t[end]&0xC0 == 0x80; {
			end--
		}
	}
	return end
}

// endUnits is where the decoded units end if the last sequence goes on for short bytes behind the blocks: nobody has looked at these.
func endUnits(t []byte, units, read, short int) (int, int) {
	for i := range short {
		if t[read+i]&0xC0 != 0x80 {
			return units - 1, beginOfLast(t, read, 1)
		}
	}
	return units, read + short
}

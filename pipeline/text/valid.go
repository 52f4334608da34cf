package text

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text/block"
)

// The validator is an automaton over bytes whose rows are shifted instead of looked up twice: validRows[b] holds, at the bit
// named by each state, the state that follows it after byte b (the shift-based DFA of Per Vognsen). It has no branch that
// depends on the text, so mixed text costs what pure Chinese does, and four of them run side by side.
const (
	stateDone  = 6 * iota // at the start of a character
	stateBad              // for good
	stateLast1            // one more continuation byte
	stateLast2            // two
	stateLast3            // three
	stateE0               // A0-BF, then one: shorter would be overlong
	stateED               // 80-9F, then one: else it is a surrogate
	stateF0               // 90-BF, then two: shorter would be overlong
	stateF4               // 80-8F, then two: else it is above U+10FFFF
	stateEnd
)

// validRows is exact. resumeRows forgives a continuation byte at the start of a character: the state after any three bytes
// of valid text is that after the same bytes alone.
var validRows, resumeRows = buildRows()

func buildRows() (valid, resume [256]uint64) {
	for b := range 256 {
		for state := 0; state < stateEnd; state += 6 {
			next := uint64(nextState(state, byte(b)))
			valid[b] |= next << state
			if state == stateDone && b&0xC0 == 0x80 {
				next = stateDone
			}
			resume[b] |= next << state
		}
	}
	return valid, resume
}

func nextState(state int, b byte) int {
	within := func(lo, hi byte, next int) int {
		if b < lo || b > hi {
			return stateBad
		}
		return next
	}
	switch state {
	case stateLast1:
		return within(0x80, 0xBF, stateDone)
	case stateLast2:
		return within(0x80, 0xBF, stateLast1)
	case stateLast3:
		return within(0x80, 0xBF, stateLast2)
	case stateE0:
		return within(0xA0, 0xBF, stateLast1)
	case stateED:
		return within(0x80, 0x9F, stateLast1)
	case stateF0:
		return within(0x90, 0xBF, stateLast2)
	case stateF4:
		return within(0x80, 0x8F, stateLast2)
	case stateBad:
		return stateBad
	}
	switch {
	case b < 0x80:
		return stateDone
	case b < 0xC2:
		return stateBad
	case b < 0xE0:
		return stateLast1
	case b == 0xE0:
		return stateE0
	case b == 0xED:
		return stateED
	case b < 0xF0:
		return stateLast2
	case b == 0xF0:
		return stateF0
	case b < 0xF4:
		return stateLast3
	case b == 0xF4:
		return stateF4
	}
	return stateBad
}

const (
	laneBytes  = 64
	blockBytes = 4 * laneBytes
)

// ValidPrefix is the length of the longest prefix of b that is valid UTF-8: len(b) if all of it is. It agrees with
// unicode/utf8 in everything: overlong forms, surrogates and what is above U+10FFFF are invalid, and so is a sequence that
// the end of b cuts off.
func ValidPrefix(b []byte) int {
	i, state := block.ValidPrefix(b), uint64(stateDone)
	for i+blockBytes <= len(b) {
		if state == stateDone && ascii32(b[i:]) {
			i += 32
			continue
		}
		next := validBlock((*[blockBytes]byte)(b[i:]), state)
		if next == stateBad {
			break
		}
		i, state = i+blockBytes, next
	}
	// What follows looks at whole characters: back to the start of the one that the last block may have cut.
	if state != stateDone {
		i--
		for b[i]&0xC0 == 0x80 {
			i--
		}
	}
	return i + validShort(b[i:])
}

// ascii32 says whether b begins with 32 bytes of ASCII.
func ascii32(b []byte) bool {
	w := binary.LittleEndian.Uint64(b) | binary.LittleEndian.Uint64(b[8:]) |
		binary.LittleEndian.Uint64(b[16:]) | binary.LittleEndian.Uint64(b[24:])
	return w&highBits == 0
}

// validBlock runs a block in four lanes and returns the state after it. The first lane begins in the given state. The others
// begin in the state that the three bytes before them lead to, which is the true one unless the lane before fails.
func validBlock(b *[blockBytes]byte, state uint64) uint64 {
	s0, s1, s2, s3 := state, resumeState(b, laneBytes), resumeState(b, 2*laneBytes), resumeState(b, 3*laneBytes)
	for i := range laneBytes {
		s0 = validRows[b[i]] >> (s0 & 63)
		s1 = validRows[b[i+laneBytes]] >> (s1 & 63)
		s2 = validRows[b[i+2*laneBytes]] >> (s2 & 63)
		s3 = validRows[b[i+3*laneBytes]] >> (s3 & 63)
	}
	if s0&63 == stateBad || s1&63 == stateBad || s2&63 == stateBad {
		return stateBad
	}
	return s3 & 63
}

func resumeState(b *[blockBytes]byte, at int) uint64 {
	s := resumeRows[b[at-3]]
	s = resumeRows[b[at-2]] >> (s & 63)
	return resumeRows[b[at-1]] >> (s & 63)
}

// Two three-byte sequences in one little-endian word: which bits must have which value.
const (
	pairMask = 0xC0C0F0C0C0F0
	pairBits = 0x8080E08080E0
	oneMask  = 0xC0C0F0 // of the first alone
	oneBits  = 0x8080E0
)

// badSecond has a bit for every pair of the low half of a three-byte lead and bit 5 of the byte after it that is no
// character: E0 80-9F is overlong, ED A0-BF is a surrogate.
const badSecond uint32 = 1<<(0x0*2) | 1<<(0xD*2+1)

// validShort is ValidPrefix for what is less than a block, or damaged.
func validShort(b []byte) int {
	i := 0
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		if high := w & highBits; high == 0 {
			i += 8
			continue
		} else if w&0x80 == 0 {
			i += bits.TrailingZeros64(high) / 8
			continue
		}
		if w&pairMask == pairBits {
			bad := badSecond>>(w<<1&0x1E|w>>13&1) | badSecond>>(w>>23&0x1E|w>>37&1)
			if bad&1 == 0 {
				i += 6
				continue
			}
		}
		size := sequence(b[i:])
		if size == 0 {
			return i
		}
		i += size
	}
	for i < len(b) {
		size := sequence(b[i:])
		if size == 0 {
			return i
		}
		i += size
	}
	return i
}

// sequence is the length of the valid sequence that b begins with, 0 if there is none.
func sequence(b []byte) int {
	r, size := utf8.DecodeRune(b)
	if r == utf8.RuneError && size == 1 {
		return 0
	}
	return size
}

// Package repeated finds the spans of a text, such as lines, that say what an earlier one of the same text said.
package repeated

import (
	"bytes"
	"math/bits"

	"github.com/zeebo/xxh3"
)

// Set has the spans of a text: an open hash table that keeps its memory and is not cleared between texts, because every entry says which text
// it is of. The zero value is ready for Reset. It is for one goroutine.
type Set struct {
	slots []slot // a power of two, at most half full
	round uint32 // the text that entries are of
}

type slot struct {
	hash       uint64
	start, end int32 // of the span in the text
	round      uint32
}

// ordinarySlots is how many slots stay allocated after a text with more spans.
const ordinarySlots = 1 << 16

// Reset makes the set empty, with room for so many spans of the next text.
func (s *Set) Reset(spans int) {
	need := 1 << bits.Len(uint(2*spans))
	if need > len(s.slots) || len(s.slots) > ordinarySlots && need <= ordinarySlots {
		s.slots, s.round = make([]slot, max(need, 64)), 0
	}
	s.round++
	if s.round == 0 { // 2³² texts later
		clear(s.slots)
		s.round = 1
	}
}

// Seen says whether t[start:end] was there before, and adds it otherwise. t is the same text, shorter than 2 GiB, until the next Reset.
func (s *Set) Seen(t []byte, start, end int) bool {
	span := t[start:end]
	hash := xxh3.Hash(span)
	mask := uint64(len(s.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		slot := &s.slots[i]
		if slot.round != s.round {
			slot.hash, slot.start, slot.end, slot.round = hash, int32(start), int32(end), s.round
			return false
		}
		if slot.hash == hash && bytes.Equal(t[slot.start:slot.end], span) {
			return true
		}
	}
}

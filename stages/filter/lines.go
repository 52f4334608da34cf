package filter

import (
	"bytes"
	"math/bits"

	"github.com/zeebo/xxh3"

	"millrace/pipeline/text"
)

// lineSet finds lines that repeat an earlier one of the same text: an open hash table that keeps its memory and is not
// cleared between texts, because every entry says which text it is of.
type lineSet struct {
	slots []lineSlot // a power of two, at most half full
	round uint32     // the text that entries are of
}

type lineSlot struct {
	hash       uint64
	start, end int32 // of the line in the text
	round      uint32
}

// ordinarySlots is how many slots stay allocated after a text with more lines.
const ordinarySlots = 1 << 16

// count returns the code points in lines of t that repeat an earlier one, and those in all lines, as the package comment
// defines them. t is shorter than 2 GiB.
func (s *lineSet) count(t []byte) (repeated, all int) {
	s.reset(bytes.Count(t, []byte{'\n'}) + 1)
	for start := 0; start < len(t); {
		end := len(t)
		if n := bytes.IndexByte(t[start:], '\n'); n >= 0 {
			end = start + n
		}
		from, to := start, end
		for from < to && edge(t[from]) {
			from++
		}
		for from < to && edge(t[to-1]) {
			to--
		}
		if from < to {
			chars := text.CountRunes(t[from:to])
			all += chars
			if s.seen(t, int32(from), int32(to)) {
				repeated += chars
			}
		}
		start = end + 1
	}
	return repeated, all
}

func edge(b byte) bool { return b == ' ' || b == '\t' || b == '\r' }

// reset makes the set empty, with room for so many lines.
func (s *lineSet) reset(lines int) {
	need := 1 << bits.Len(uint(2*lines))
	if need > len(s.slots) || len(s.slots) > ordinarySlots && need <= ordinarySlots {
		s.slots, s.round = make([]lineSlot, max(need, 64)), 0
	}
	s.round++
	if s.round == 0 { // 2³² texts later
		clear(s.slots)
		s.round = 1
	}
}

// seen says whether the line t[start:end] was there before, and adds it otherwise.
func (s *lineSet) seen(t []byte, start, end int32) bool {
	line := t[start:end]
	hash := xxh3.Hash(line)
	mask := uint64(len(s.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		slot := &s.slots[i]
		if slot.round != s.round {
			*slot = lineSlot{hash: hash, start: start, end: end, round: s.round}
			return false
		}
		if slot.hash == hash && bytes.Equal(t[slot.start:slot.end], line) {
			return true
		}
	}
}

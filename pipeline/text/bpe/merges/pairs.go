package merges

import (
	"math/bits"
	"math/rand/v2"
)

// pairs finds the symbol that a pair becomes. As each symbol is made of one pair, the table has symbols only, with a few bits of the pair's hash.
type pairs struct {
	slots []uint32 // the symbol's id and one, below 8 bits of the hash; 0: none
	by    uint64   // what pairs are multiplied by: another number in each table, so that no file can be made for it
	shift int
}

func newPairs(symbols int) pairs {
	size := 16
	for size < 2*symbols {
		size *= 2
	}
	return pairs{slots: make([]uint32, size), by: rand.Uint64() | 1, shift: 64 - bits.Len(uint(size-1))}
}

func (p *pairs) hash(left, right int32) uint64 {
	h := (uint64(left)<<32 | uint64(right)) * p.by
	return (h ^ h>>29) * p.by
}

func (p *pairs) add(symbols []symbol, id int32) {
	s := &symbols[id]
	h := p.hash(s.left, s.right)
	i := h >> p.shift
	for p.slots[i] != 0 {
		i = (i + 1) & uint64(len(p.slots)-1)
	}
	p.slots[i] = uint32(h)<<24 | uint32(id+1)
}

// find is what a pair becomes; -1 if nothing.
func (p *pairs) find(symbols []symbol, left, right int32) int32 {
	h := p.hash(left, right)
	mark := uint32(h) << 24
	for i := h >> p.shift; ; i = (i + 1) & uint64(len(p.slots)-1) {
		slot := p.slots[i]
		if slot == 0 {
			return -1
		}
		if slot&^(1<<24-1) != mark {
			continue
		}
		id := int32(slot&(1<<24-1)) - 1
		if s := &symbols[id]; s.left == left && s.right == right {
			return id
		}
	}
}

// rank is that of the rule for a pair; never if there is none.
func (p *pairs) rank(symbols []symbol, left, right int32) int32 {
	if id := p.find(symbols, left, right); id >= 0 {
		return symbols[id].rank
	}
	return never
}

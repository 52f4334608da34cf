package jieba

import (
	"math/bits"
	"slices"
)

// cell is a slot of the double array that the words are a trie in: the slot of the parent in 24 bits, the base in 24, and the number of the
// frequency in 16. The child by a character stands at the base plus the code of the character, if that slot has this parent. A leaf has the
// base 0, which is that of the root alone.
type cell uint64

const (
	slotBits = 24
	noSlot   = 1<<slotBits - 1
	freeCell = cell(noSlot) << 40
)

func newCell(parent, base uint32, freq uint16) cell {
	return cell(parent)<<40 | cell(base)<<16 | cell(freq)
}

func (c cell) parent() uint32 { return uint32(c >> 40) }
func (c cell) base() uint32   { return uint32(c>>16) & noSlot }
func (c cell) freq() uint16   { return uint16(c) }

// tree is a trie as a list of its nodes, breadth first: the children of a node follow each other by their codes, those of the next node behind
// them. Node 0 is the root.
type tree struct {
	counts []uint16 // of children
	labels []uint16 // the code by which the parent has it
	freqs  []uint16
}

// build puts the trie into a double array. Codes are at most last.
func (t *tree) build(last int) ([]cell, bool) {
	first := make([]uint32, len(t.counts)+1)
	first[0] = 1
	order := make([]uint32, 0, len(t.counts)) // nodes with several children, those with the most first
	single := 0
	for i, n := range t.counts {
		first[i+1] = first[i] + uint32(n)
		if n > 1 && i > 0 {
			order = append(order, uint32(i))
		} else if n == 1 {
			single++
		}
	}
	slices.SortStableFunc(order, func(a, b uint32) int { return int(t.counts[b]) - int(t.counts[a]) })
	f := newFinder(len(t.counts) + last)
	bases := make([]uint32, len(t.counts))
	f.take(0, []uint16{0})
	f.take(0, t.labels[1:1+t.counts[0]])
	for _, i := range order {
		labels := t.labels[first[i] : first[i]+uint32(t.counts[i])]
		bases[i] = f.find(labels)
		f.take(bases[i], labels)
	}
	// Those with one child fill what is left between.
	slot := uint32(last)
	for i := 1; single > 0 && i < len(t.counts); i++ {
		if t.counts[i] == 1 {
			slot = f.next(slot + 1)
			bases[i] = slot - uint32(t.labels[first[i]])
			f.take(slot, []uint16{0})
		}
	}
	size := f.end() + last + 1 // so that no base and code lead behind the end
	if size >= noSlot {
		return nil, false
	}
	cells := slices.Repeat([]cell{freeCell}, size)
	slots := make([]uint32, len(t.counts))
	cells[0] = newCell(noSlot, 0, 0)
	for i := range t.counts {
		for child := first[i]; child < first[i+1]; child++ {
			slots[child] = bases[i] + uint32(t.labels[child])
			cells[slots[child]] = newCell(slots[i], bases[child], t.freqs[child])
		}
	}
	return cells, true
}

// finder knows which slots are free.
type finder struct {
	taken []uint64
	from  [17]uint32 // by how many slots are sought, in powers of two: where the last were found
}

func newFinder(slots int) *finder { return &finder{taken: make([]uint64, slots/64+2)} }

// word is the 64 slots from s on.
func (f *finder) word(s uint32) uint64 {
	at, shift := int(s/64), s%64
	if at+1 >= len(f.taken) {
		if at >= len(f.taken) {
			return 0
		}
		return f.taken[at] >> shift
	}
	return f.taken[at]>>shift | f.taken[at+1]<<(64-shift)
}

// find is the first base, from that of the last set about as large, with which the slots of all labels are free.
func (f *finder) find(labels []uint16) uint32 {
	from := &f.from[bits.Len(uint(len(labels)))]
	for b := max(*from, 64); ; b += 64 {
		taken := uint64(0)
		for _, label := range labels {
			if taken |= f.word(b + uint32(label)); taken == ^uint64(0) {
				break
			}
		}
		if taken != ^uint64(0) {
			*from = b
			return b + uint32(bits.TrailingZeros64(^taken))
		}
	}
}

func (f *finder) take(base uint32, labels []uint16) {
	for _, label := range labels {
		s := base + uint32(label)
		for int(s/64) >= len(f.taken) {
			f.taken = append(f.taken, 0)
		}
		f.taken[s/64] |= 1 << (s % 64)
	}
}

// next is the first free slot from s on.
func (f *finder) next(s uint32) uint32 {
	for f.word(s) == ^uint64(0) {
		s += 64
	}
	return s + uint32(bits.TrailingZeros64(^f.word(s)))
}

// end is behind the last taken slot.
func (f *finder) end() int {
	for i, word := range slices.Backward(f.taken) {
		if word != 0 {
			return i*64 + bits.Len64(word)
		}
	}
	return 0
}

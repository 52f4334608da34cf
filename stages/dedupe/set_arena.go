package dedupe

import "slices"

// An arena takes some 16 MiB of hashes, in blocks of 1 MiB: one more than fits makes it full.
const (
	arenaBlocks = 16
	arenaBlock  = 128 << 10
)

// setArena is sets of shingles one behind the other.
type setArena struct {
	blocks [][]uint64 // the last one in use is filled
	next   int        // number of the block behind it
	sets   map[ref][]uint64
}

// add copies a set into the arena.
func (a *setArena) add(d ref, set []uint64) []uint64 {
	if a.next == 0 || cap(a.blocks[a.next-1])-len(a.blocks[a.next-1]) < len(set) {
		if a.next == len(a.blocks) {
			a.blocks = append(a.blocks, make([]uint64, 0, max(arenaBlock, len(set))))
		} else if cap(a.blocks[a.next]) < len(set) {
			a.blocks[a.next] = make([]uint64, 0, len(set))
		}
		a.next++
	}
	block := &a.blocks[a.next-1]
	at := len(*block)
	*block = append(*block, set...)
	set = (*block)[at:len(*block):len(*block)]
	a.sets[d] = set
	return set
}

// full says that the arena is to be emptied.
func (a *setArena) full() bool { return a.next > arenaBlocks }

// reset empties the arena. Blocks of long texts are given back.
func (a *setArena) reset() {
	a.next = 0
	clear(a.sets)
	a.blocks = slices.DeleteFunc(a.blocks, func(b []uint64) bool { return cap(b) > arenaBlock })
	for i := range a.blocks {
		a.blocks[i] = a.blocks[i][:0]
	}
}

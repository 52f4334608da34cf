package segmented

import (
	"math/bits"
	"math/rand/v2"
)

// table numbers keys from 1 on in the order in which they are first seen. Emptying it costs nothing: what is older than the current round is not
// there.
type table struct {
	cells []cell
	shift uint
	round uint32
	last  uint32 // the number given last
	seed  [2]uint64
}

type cell struct {
	key    uint64
	number uint32
	round  uint32
}

func newTable() *table { return &table{seed: [2]uint64{rand.Uint64(), rand.Uint64() | 1}} }

// empty makes room for so many keys and forgets all.
func (t *table) empty(keys int) {
	size := max(6, bits.Len(uint(2*keys)))
	if len(t.cells) < 1<<size {
		t.cells, t.round = make([]cell, 1<<size), 0
	}
	t.shift = uint(64 - size) // a small text uses the beginning of a large table
	t.last = 0
	if t.round++; t.round == 0 {
		clear(t.cells)
		t.round = 1
	}
}

// at is where a key begins to be sought.
func (t *table) at(key uint64) uint64 {
	high, low := bits.Mul64(key^t.seed[0], t.seed[1])
	return (high ^ low) * 0x9E3779B97F4A7C15 >> t.shift
}

// number is that of a key, and whether it was there before.
func (t *table) number(key uint64) (uint32, bool) {
	for i := t.at(key); ; i = (i + 1) & (1<<(64-t.shift) - 1) {
		c := &t.cells[i]
		if c.round != t.round {
			t.last++
			*c = cell{key, t.last, t.round}
			return t.last, false
		}
		if c.key == key {
			return c.number, true
		}
	}
}

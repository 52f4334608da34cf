package shingle

import "math/bits"

// hashTable is a set of hashes, none of which is 0: linear probing, at most half full, and of ordinary texts at most a
// quarter, which takes less looks. A hash is known by its high half and by its place, which follows from the low one: two of
// one table are mixed up once in 2^44 pairs.
type hashTable struct{ slots []uint32 }

// reset empties the table and makes room for n hashes.
func (t *hashTable) reset(n int) {
	room := 4 * n
	if n > 1<<16 {
		room = 2 * n
	}
	size := 1 << max(bits.Len(uint(room)), 13)
	if cap(t.slots) < size {
		t.slots = make([]uint32, size)
		return
	}
	t.slots = t.slots[:size]
	clear(t.slots)
}

// add adds a hash and says whether it is new.
func (t *hashTable) add(h uint64) bool {
	slots, tag := t.slots, uint32(h>>32)|1
	mask := uint32(len(slots) - 1)
	i := uint32(h) & mask
	for slots[i] != 0 {
		if slots[i] == tag {
			return false
		}
		i = (i + 1) & mask
	}
	slots[i] = tag
	return true
}

// has says whether a hash was added.
func (t *hashTable) has(h uint64) bool {
	slots, tag := t.slots, uint32(h>>32)|1
	mask := uint32(len(slots) - 1)
	i := uint32(h) & mask
	for slots[i] != 0 {
		if slots[i] == tag {
			return true
		}
		i = (i + 1) & mask
	}
	return false
}

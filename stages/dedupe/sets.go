package dedupe

import (
	"math/bits"
	"slices"
	"unicode/utf8"

	"millrace/pipeline/text"
)

// shingler makes the sets of shingles that two documents are compared by where their signatures leave it open. It is
// scratch memory that one goroutine uses again and again.
type shingler struct {
	key   []uint32
	all   []uint64
	table hashTable
}

// appendSet appends the distinct shingles of a text to dst, by 64-bit hashes: no two of one text collide.
func (s *shingler) appendSet(dst []uint64, t []byte) []uint64 {
	if len(t) > ordinaryKey {
		s.key = slices.Grow(s.key[:0], utf8.RuneCount(t)+keyRoom)
	}
	s.key = text.AppendKey(s.key[:0], t)
	s.all = shingles(s.all[:0], s.key)
	s.table.reset(len(s.all))
	for _, x := range s.all {
		// Spread over all bits, for tables; never 0.
		if h := max((x^x>>32)*finish, 1); s.table.add(h) {
			dst = append(dst, h)
		}
	}
	if cap(s.key) > ordinaryKey {
		*s = shingler{}
	}
	return dst
}

// hashTable is a set of hashes, none of which is 0: linear probing, at most half full.
type hashTable struct{ slots []uint64 }

// reset empties the table and makes room for n hashes.
func (t *hashTable) reset(n int) {
	size := 1 << bits.Len(uint(2*n))
	if cap(t.slots) < size {
		t.slots = make([]uint64, size)
		return
	}
	t.slots = t.slots[:size]
	clear(t.slots)
}

// add adds a hash and says whether it is new.
func (t *hashTable) add(h uint64) bool {
	mask := uint64(len(t.slots) - 1)
	i := h >> 32 & mask
	for t.slots[i] != 0 {
		if t.slots[i] == h {
			return false
		}
		i = (i + 1) & mask
	}
	t.slots[i] = h
	return true
}

// has says whether a hash was added.
func (t *hashTable) has(h uint64) bool {
	mask := uint64(len(t.slots) - 1)
	i := h >> 32 & mask
	for t.slots[i] != 0 {
		if t.slots[i] == h {
			return true
		}
		i = (i + 1) & mask
	}
	return false
}

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
	grams grams
	all   []uint64
	table hashTable
}

// setOf returns the distinct shingles of a text, by 64-bit hashes. They are valid until the next call.
func (s *shingler) setOf(t []byte) []uint64 {
	if len(t) > ordinaryKey { // growing step by step leaves several times as much behind
		s.key = slices.Grow(s.key[:0], utf8.RuneCount(t)+keyRoom)
	}
	s.key = text.AppendKey(s.key[:0], t)
	s.all = s.grams.shingles(s.all[:0], s.key)
	s.table.reset(len(s.all))
	set := s.all[:0]
	for _, x := range s.all {
		if h := spreadShingle(x); s.table.add(h) {
			set = append(set, h)
		}
	}
	if cap(s.key) > ordinaryKey {
		*s = shingler{}
	}
	return set
}

// spreadShingle spreads a shingle over all bits, for tables. It is never 0.
func spreadShingle(x uint64) uint64 { return max((x^x>>32)*finish, 1) }

// hashTable is a set of hashes, none of which is 0: linear probing, at most half full, and of ordinary texts at most a quarter, which
// takes less looks. A hash is known by its high half and
// by its place, which follows from the low one: two of one table are mixed up once in 2^44 pairs.
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

// Shingler makes the sets of shingles that near duplicates are told by, for those who check verdicts. It is not safe for
// concurrent use.
type Shingler struct {
	minShingles int
	shingler    shingler
}

// NewShingler returns a Shingler for some settings, which must be valid.
func NewShingler(cfg Config) *Shingler { return &Shingler{minShingles: cfg.MinShingles} }

// Set appends the distinct shingles of a text, by 64-bit hashes, to dst: none if it is too short to be near another one.
func (s *Shingler) Set(dst []uint64, t []byte) []uint64 {
	set := s.shingler.setOf(t)
	if shingleCount(s.shingler.key) < s.minShingles {
		return dst
	}
	return append(dst, set...)
}

package datatrove

import (
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
)

// Hashes are of a seed of the process, so nobody can make texts whose parts all have one hash. No figure depends on them: what has the same hash is
// compared.
var (
	seed    = maphash.MakeSeed()
	pairKey = rand.Uint64() | 1
)

// slots is an open hash table of numbers from 1 on, at most half full; 0 is free.
type slots struct {
	slots []uint32
	shift int
}

// reset makes room for n numbers.
func (s *slots) reset(n int) {
	log := max(4, bits.Len(uint(2*n)))
	if 1<<log > cap(s.slots) {
		s.slots = make([]uint32, 1<<log)
	}
	s.slots, s.shift = s.slots[:1<<log], 64-log
	clear(s.slots)
}

// texts numbers parts of a text from 0 on, in the order in which they are seen first.
type texts struct {
	slots
	seen   []seenText
	counts []int32
}

type seenText struct {
	hash uint64
	span
}

func (t *texts) reset(n int) {
	t.slots.reset(n)
	t.seen = t.seen[:0]
	t.counts = t.counts[:0]
}

// add is the number of a part of text, which is always the same text, and whether it was there before.
func (t *texts) add(text []byte, part span) (number int32, before bool) {
	p := text[part.start:part.end]
	hash := maphash.Bytes(seed, p)
	for i := hash >> t.shift; ; i = (i + 1) & uint64(len(t.slots.slots)-1) {
		n := t.slots.slots[i]
		if n == 0 {
			t.seen = append(t.seen, seenText{hash, part})
			t.counts = append(t.counts, 1)
			t.slots.slots[i] = uint32(len(t.seen))
			return int32(len(t.seen) - 1), false
		}
		if s := &t.seen[n-1]; s.hash == hash && string(text[s.start:s.end]) == string(p) {
			t.counts[n-1]++
			return int32(n - 1), true
		}
	}
}

// addShort is the number of a part of at most eight bytes, which are given at once, little-endian. All of this length go here.
func (t *texts) addShort(bytes uint64, part span) (number int32) {
	for i := mix(bytes) >> t.shift; ; i = (i + 1) & uint64(len(t.slots.slots)-1) {
		n := t.slots.slots[i]
		if n == 0 {
			t.seen = append(t.seen, seenText{bytes, part})
			t.counts = append(t.counts, 1)
			t.slots.slots[i] = uint32(len(t.seen))
			return int32(len(t.seen) - 1)
		}
		if s := &t.seen[n-1]; s.hash == bytes && s.end-s.start == part.end-part.start {
			t.counts[n-1]++
			return int32(n - 1)
		}
	}
}

// mix makes a hash of a number.
func mix(n uint64) uint64 {
	high, low := bits.Mul64(n^pairKey, pairKey)
	return high ^ low
}

// pairs numbers pairs of numbers from 0 on, in the order in which they are seen first.
type pairs struct {
	slots
	seen   []uint64
	counts []int32
	first  []int32 // where each was seen first
}

func (p *pairs) reset(n int) {
	p.slots.reset(n)
	p.seen = p.seen[:0]
	p.counts = p.counts[:0]
	p.first = p.first[:0]
}

// add is the number of a pair, which is at a place.
func (p *pairs) add(a, b, at int32) int32 {
	pair := uint64(uint32(a))<<32 | uint64(uint32(b))
	for i := mix(pair) >> p.shift; ; i = (i + 1) & uint64(len(p.slots.slots)-1) {
		n := p.slots.slots[i]
		if n == 0 {
			p.seen = append(p.seen, pair)
			p.counts = append(p.counts, 1)
			p.first = append(p.first, at)
			p.slots.slots[i] = uint32(len(p.seen))
			return int32(len(p.seen) - 1)
		}
		if p.seen[n-1] == pair {
			p.counts[n-1]++
			return int32(n - 1)
		}
	}
}

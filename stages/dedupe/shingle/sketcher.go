package shingle

import (
	"math/bits"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/text/block"
)

// Fast Similarity Sketching (Dahlgaard, Knudsen, Thorup, arXiv:1704.04370) with 256 slots over the shingles of a text. Round j
// throws every shingle into one slot by a function of its own; a slot keeps the least value of the first round that reached
// it; the last 256 rounds throw everything into one slot each, so no slot stays empty. The round is the high word of a
// slot: stopping once every slot is filled does not change the result, which is a function of the set of shingles alone.
const (
	slotCount = columnar.SignatureBytes

	emptySlot = ^uint64(0)

	// chunkShingles bounds the hashes that are held at a time, and the throws after which a text with empty slots must
	// be repeating itself: an ordinary one needs 256 (ln 256 + 0.58) = 1568.
	chunkShingles = 4096

	// fewThrows fill every slot once in a hundred texts: before, it is not worth looking.
	fewThrows = 4 * slotCount
)

// roundKeys returns the coefficients of round j: (a*h + b) >> 32 is a strongly universal function of h.
func roundKeys(j uint64) (a, b uint64) { return Mix64(2 * j), Mix64(2*j + 1) }

// Mix64 is the output function of SplitMix64 (Steele, Lea, Flood 2014).
func Mix64(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// sketcher computes sketches. It is scratch memory that one goroutine uses again and again.
type sketcher struct {
	slots  [slotCount]uint64
	hashes [chunkShingles]uint32
	seen   distinct
	grams  grams
	dense  bool     // the text has longer shingles
	wide   []uint64 // of a chunk of such a text
	long   []uint32 // distinct hashes of a text of more than one chunk that repeats itself
}

// sketch fills the slots from a key text of at least one shingle.
func (s *sketcher) sketch(key []uint32) {
	for i := range s.slots {
		s.slots[i] = emptySlot
	}
	s.dense = s.grams.look(key)
	n := shingleCount(key)
	for from := 0; from < n; from += chunkShingles {
		s.chunk(key, from, min(from+chunkShingles, n))
	}
	if n >= fewThrows && s.full() {
		return
	}
	if n <= chunkShingles {
		s.rest(s.hashes[:n], n, true)
	} else {
		s.rest(s.distinctOf(key), n, false)
	}
}

// rest is all rounds behind the first, in which so many were thrown. Repeats are harmless but each costs a throw in every
// round. Only a text that repeats itself gets far without filling the slots, so its repeats are dropped once that is clear.
func (s *sketcher) rest(hashes []uint32, thrown int, repeats bool) {
	if thrown >= fewThrows && s.full() {
		return
	}
	for j := uint64(1); j < slotCount; j++ {
		if repeats && thrown > chunkShingles {
			s.seen.reset()
			hashes, repeats = s.seen.appendNew(hashes[:0], hashes), false
		}
		s.round(hashes, j)
		thrown += len(hashes)
		if thrown >= fewThrows && s.full() {
			return
		}
	}
	for i := range s.slots {
		if s.slots[i] == emptySlot {
			s.last(hashes, i)
		}
	}
}

// distinctOf computes the hashes of a text of several chunks once more, leaving out repeats.
func (s *sketcher) distinctOf(key []uint32) []uint32 {
	n := shingleCount(key)
	s.seen.reset()
	s.long = s.long[:0]
	for from := 0; from < n; from += chunkShingles {
		part := s.chunk(key, from, min(from+chunkShingles, n))
		s.long = s.seen.appendNew(s.long, part)
	}
	return s.long
}

// chunk hashes the shingles from one place to another, at most a chunk of them, and is round 0.
func (s *sketcher) chunk(key []uint32, from, to int) []uint32 {
	if !s.dense || !s.grams.within(from, to) {
		return s.first(key[from : to+gram-1])
	}
	s.wide = s.grams.append(s.wide[:0], key, from, to)
	for i, x := range s.wide {
		h := finishHash(x)
		s.hashes[i] = h
		take(&s.slots, h)
	}
	return s.hashes[:len(s.wide)]
}

// first hashes the 5-grams of key, at most a chunk of them, and is round 0: the hash itself chooses slot and value.
func (s *sketcher) first(key []uint32) []uint32 {
	hashes := s.hashes[:len(key)-gram+1]
	done := block.Grams(hashes, key, spread, finish)
	takeAll(&s.slots, hashes[:done])
	s.rollAll(hashes[done:], key[done:])
	return hashes
}

// rollAll is first with hashes that follow from the one before. It is unrolled by the length of a shingle, so that what leaves the
// window is still in a register, and free of branches on data.
func (s *sketcher) rollAll(hashes, key []uint32) {
	t0, t1, t2, t3 := uint64(key[0])*spread, uint64(key[1])*spread, uint64(key[2])*spread, uint64(key[3])*spread
	x := bits.RotateLeft64(t0, 33) ^ bits.RotateLeft64(t1, 22) ^ bits.RotateLeft64(t2, 11) ^ t3
	n := len(key) - gram + 1
	slots := &s.slots
	in, out := key[gram-1:], hashes[:n]
	for len(in) >= gram && len(out) >= gram {
		var t4 uint64
		t4, x = roll(slots, x, in[0], &out[0])
		x ^= bits.RotateLeft64(t0, 44)
		t0, x = roll(slots, x, in[1], &out[1])
		x ^= bits.RotateLeft64(t1, 44)
		t1, x = roll(slots, x, in[2], &out[2])
		x ^= bits.RotateLeft64(t2, 44)
		t2, x = roll(slots, x, in[3], &out[3])
		x ^= bits.RotateLeft64(t3, 44)
		t3, x = roll(slots, x, in[4], &out[4])
		x ^= bits.RotateLeft64(t4, 44)
		in, out = in[gram:], out[gram:]
	}
	for i := n - len(out); i < n; i++ {
		h := shingleHash((*[gram]uint32)(key[i:]))
		hashes[i] = h
		take(slots, h)
	}
}

// roll takes a character into the hash of the shingle before, without its first one, and throws the new one in round 0. t is what of the
// character is in it.
func roll(slots *[slotCount]uint64, before uint64, char uint32, hash *uint32) (t, rolled uint64) {
	t = uint64(char) * spread
	rolled = bits.RotateLeft64(before, 11) ^ t
	*hash = finishHash(rolled)
	take(slots, *hash)
	return t, rolled
}

// take throws a hash in round 0.
func take(slots *[slotCount]uint64, h uint32) { slots[uint8(h)] = min(slots[uint8(h)], uint64(h)) }

// takeAll throws hashes in round 0.
func takeAll(slots *[slotCount]uint64, hashes []uint32) {
	for len(hashes) >= 4 {
		h := (*[4]uint32)(hashes)
		take(slots, h[0])
		take(slots, h[1])
		take(slots, h[2])
		take(slots, h[3])
		hashes = hashes[4:]
	}
	for _, h := range hashes {
		take(slots, h)
	}
}

// round throws every hash into the slot and with the value that round j gives it.
func (s *sketcher) round(hashes []uint32, j uint64) {
	a, b := roundKeys(j)
	slots, round := &s.slots, j<<32
	for len(hashes) >= 4 {
		w := (*[4]uint32)(hashes)
		g0 := round | (uint64(w[0])*a+b)>>32
		g1 := round | (uint64(w[1])*a+b)>>32
		g2 := round | (uint64(w[2])*a+b)>>32
		g3 := round | (uint64(w[3])*a+b)>>32
		slots[uint8(g0)] = min(slots[uint8(g0)], g0)
		slots[uint8(g1)] = min(slots[uint8(g1)], g1)
		slots[uint8(g2)] = min(slots[uint8(g2)], g2)
		slots[uint8(g3)] = min(slots[uint8(g3)], g3)
		hashes = hashes[4:]
	}
	for _, h := range hashes {
		g := round | (uint64(h)*a+b)>>32
		slots[uint8(g)] = min(slots[uint8(g)], g)
	}
}

// last throws every hash into the given slot: round 256 + slot.
func (s *sketcher) last(hashes []uint32, slot int) {
	j := uint64(slotCount + slot)
	a, b := roundKeys(j)
	least := emptySlot
	for _, h := range hashes {
		least = min(least, j<<32|(uint64(h)*a+b)>>32)
	}
	s.slots[slot] = least
}

// full says whether no slot is empty: only an empty one has its highest bit set.
func (s *sketcher) full() bool {
	var a, b, c, d uint64
	for i := 0; i < slotCount; i += 4 {
		v := (*[4]uint64)(s.slots[i:])
		a |= v[0]
		b |= v[1]
		c |= v[2]
		d |= v[3]
	}
	return (a|b|c|d)>>63 == 0
}

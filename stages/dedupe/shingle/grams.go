package shingle

import (
	"math/bits"
	"slices"

	"github.com/millrace/millrace/pipeline/text/block"
)

// gram is the length of a shingle in code points of the key text, outside of stretches of few characters.
const gram = block.GramLength

// longGrams are the lengths of shingles in stretches, where shorter ones do not tell texts apart.
var longGrams = [...]int{12, 48, 192}

// Multipliers of the shingle hash: odd, with no pattern in their bits.
const (
	spread = 0x9E3779B185EBCA87
	finish = 0xD6E8FEB86659FD93
)

// grams makes the shingles of key texts: one that begins at every code point but the last ones, of 5 code points, or of more
// where the text has stretches of few characters. It defines the set that documents are compared by: sketches estimate the
// resemblance of these sets, and exact resemblance is counted on them. It is scratch memory that one goroutine uses
// again and again.
type grams struct {
	stretches []stretch
	lower     int    // length of shingles in stretches,
	upper     int    // and of those whose lower one has a small hash: no text has all of one
	cut       uint64 // length and its neighbour all of another
	chunk     []uint64
	seen      hashTable
}

// shingles appends the shingles of a key text to dst, in its order and with repeats, each as a number of 64 bits.
func (g *grams) shingles(dst []uint64, key []uint32) []uint64 {
	g.look(key)
	return g.append(dst, key, 0, shingleCount(key))
}

// shingleCount is how many shingles a key text has, repeats counted.
func shingleCount(key []uint32) int { return max(len(key)-gram+1, 0) }

// look finds the stretches of a key text and the lengths of its shingles there. It says whether any is longer than usual.
func (g *grams) look(key []uint32) bool {
	g.stretches, g.lower, g.upper, g.cut = g.stretches[:0], gram, gram, 0
	if g.stretches = appendStretches(g.stretches, key); len(g.stretches) == 0 {
		return false
	}
	g.choose(key)
	if g.upper == gram {
		g.stretches = g.stretches[:0]
	}
	return len(g.stretches) > 0
}

// within says whether a stretch has shingles that begin at the places from to to.
func (g *grams) within(from, to int) bool {
	return slices.ContainsFunc(g.stretches, func(s stretch) bool { return s.start < to && from < s.end })
}

// append appends the shingles that begin at the places from to to of the key text that was looked at. In a stretch a longer
// one must end with it; behind the last place where that is so there are shorter ones.
func (g *grams) append(dst []uint64, key []uint32, from, to int) []uint64 {
	until := func(end, length int) {
		if end = min(end, to); from < end {
			dst = appendGrams(dst, key[from:end+length-1], length)
			from = end
		}
	}
	for _, s := range g.stretches {
		if s.end <= from {
			continue
		}
		until(s.start, gram)
		begin, first := from, len(dst)
		until(s.end-g.upper+1, g.lower)
		g.lengthen(dst[first:], key[begin:])
		until(s.end-g.lower+1, g.lower)
	}
	until(to, gram)
	return dst
}

// lengthen takes the longer shingles for those of list that have a small hash. They begin with key.
func (g *grams) lengthen(list []uint64, key []uint32) {
	if g.cut == 0 || len(list) == 0 {
		return
	}
	g.chunk = appendLong(g.chunk[:0], key[:len(list)+g.upper-1], g.upper)
	for i, x := range list {
		if Mix64(x) < g.cut {
			list[i] = g.chunk[i]
		}
	}
}

// appendGrams appends the shingles of a length of key.
func appendGrams(dst []uint64, key []uint32, length int) []uint64 {
	if length == gram {
		return appendShort(dst, key)
	}
	return appendLong(dst, key, length)
}

// appendShort appends the 5-grams of key.
func appendShort(dst []uint64, key []uint32) []uint64 {
	var x uint64
	for i, r := range key {
		if i >= gram {
			x ^= bits.RotateLeft64(uint64(key[i-gram])*spread, 11*(gram-1))
		}
		x = bits.RotateLeft64(x, 11) ^ uint64(r)*spread
		if i >= gram-1 {
			dst = append(dst, x)
		}
	}
	return dst
}

// appendLong appends the shingles of so many code points of key: the polynomial of spread that has them for coefficients.
func appendLong(dst []uint64, key []uint32, length int) []uint64 {
	power := uint64(1)
	for range length {
		power *= spread
	}
	var x uint64
	for i, r := range key {
		x = x*spread + uint64(r)
		if i >= length {
			x -= uint64(key[i-length]) * power
		}
		if i >= length-1 {
			dst = append(dst, x)
		}
	}
	return dst
}

// Shingles in the stretches are long enough if there are, in the same places, such a share as many different ones as of the longest;
// a text that repeats itself has as many at any length. Between the two bounds a part of the shingles is longer, so that texts that
// resemble each other, and lie a little apart between them, have nearly the same lengths. Two random texts of which seven
// shingles in ten are different from the others have a resemblance of a third.
const (
	shareEnough = 0.85
	shareTooFew = 0.65
)

// choose finds how long shingles must be in the stretches.
func (g *grams) choose(key []uint32) {
	all, longest := g.places(gram), gram
	for _, length := range longGrams {
		if 2*g.places(length) >= all {
			longest = length
		}
	}
	most := g.different(key, longest, longest)
	for _, next := range longGrams {
		g.upper = g.lower
		if g.lower == longest {
			return
		}
		share := g.different(key, g.lower, longest) / most
		if share >= shareEnough {
			return
		}
		g.upper = next
		if share > shareTooFew {
			g.cut = uint64((shareEnough - share) / (shareEnough - shareTooFew) * (1 << 63) * 2)
			return
		}
		g.lower = next
	}
}

// places is how many shingles of a length begin in the stretches.
func (g *grams) places(length int) (n int) {
	for _, s := range g.stretches {
		n += max(s.end-s.start-length+1, 0)
	}
	return n
}

// mostCounted bounds the shingles that are looked at to count the different ones; of a longer text those are taken whose hash is
// small.
const mostCounted = 1 << 16

// different is how many different shingles of a length there are in the places of the stretches that have one of the longest.
func (g *grams) different(key []uint32, length, longest int) float64 {
	places := g.places(longest)
	skip := bits.Len(uint(places / mostCounted))
	g.seen.reset(min(places, 2*mostCounted))
	n := 0
	for _, s := range g.stretches {
		for from := s.start; from+longest <= s.end; from += chunkShingles {
			to := min(from+chunkShingles, s.end-longest+1)
			g.chunk = appendGrams(g.chunk[:0], key[from:to+length-1], length)
			for _, x := range g.chunk {
				if x = Mix64(x); x>>1>>(63-skip) == 0 && n < mostCounted && g.seen.add(max(x, 1)) {
					n++
				}
			}
		}
	}
	return float64(n << skip)
}

// shingleHash is the hash of one shingle of code points: a cyclic polynomial over 64 bits, so that a neighbour's hash follows
// with one multiplication, and a multiplication to finish it.
func shingleHash(w *[gram]uint32) uint32 {
	x := bits.RotateLeft64(uint64(w[0])*spread, 44) ^ bits.RotateLeft64(uint64(w[1])*spread, 33) ^
		bits.RotateLeft64(uint64(w[2])*spread, 22) ^ bits.RotateLeft64(uint64(w[3])*spread, 11) ^ uint64(w[4])*spread
	return finishHash(x)
}

func finishHash(x uint64) uint32 { return uint32((x ^ x>>32) * finish >> 32) }

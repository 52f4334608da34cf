package merges

import (
	"math/bits"
	"math/rand/v2"
	"unicode/utf8"
)

// seams tell of most pairs of symbols that no rule reaches across the place where they meet, without looking at any: by the characters that meet there. A rule
// whose parts meet at whole characters is in a filter of such pairs of characters; one that has only a part of a character on a side is in
// a table of pairs of bytes.
type seams struct {
	bytes  [256][4]uint64
	filter []uint64
	by     uint64
	shift  int
	// edges are the first and the last character of each symbol.
	edges []edge
}

// edge is a character, or a byte that is part of one, at an end of a symbol. The lowest byte is its byte at that end.
type edge struct{ first, last uint32 }

// partial marks a byte that is part of a character.
const partial = 1 << 31

func newSeams(symbols [][]byte) *seams {
	size := 1 << 10
	for size < 8*len(symbols) {
		size *= 2
	}
	s := &seams{filter: make([]uint64, size/64), by: rand.Uint64() | 1, shift: 64 - bits.Len(uint(size-1)), edges: make([]edge, len(symbols))}
	for id, symbol := range symbols {
		if len(symbol) == 0 {
			continue
		}
		e := edge{partial | uint32(symbol[0]), partial | uint32(symbol[len(symbol)-1])}
		if r, n := utf8.DecodeRune(symbol); r != utf8.RuneError || n > 1 {
			e.first = uint32(r)<<8 | uint32(symbol[0])
		}
		if r, n := utf8.DecodeLastRune(symbol); r != utf8.RuneError || n > 1 {
			e.last = uint32(r)<<8 | uint32(symbol[len(symbol)-1])
		}
		s.edges[id] = e
	}
	return s
}

// hash is the bit of two characters.
func (s *seams) hash(last, first uint32) uint64 {
	h := (uint64(last)<<32 | uint64(first)) * s.by
	return (h ^ h>>32) * s.by >> s.shift
}

// add takes a rule for two symbols.
func (s *seams) add(left, right int32) {
	last, first := s.edges[left].last, s.edges[right].first
	if (last|first)&partial != 0 {
		s.bytes[uint8(last)][uint8(first)/64] |= 1 << (first % 64)
		return
	}
	h := s.hash(last, first)
	s.filter[h/64] |= 1 << (h % 64)
}

// closed says that no rule that was added reaches across where the two symbols meet. It may say no where that is so.
func (s *seams) closed(left, right int32) bool {
	last, first := s.edges[left].last, s.edges[right].first
	if s.bytes[uint8(last)][uint8(first)/64]>>(first%64)&1 != 0 {
		return false
	}
	if (last|first)&partial != 0 {
		return true // a rule has a part of a character there, too
	}
	h := s.hash(last, first)
	return s.filter[h/64]>>(h%64)&1 == 0
}

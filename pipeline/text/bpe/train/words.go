package train

import "math"

// cell is a place of the memory that words lie in: it has an id. Two bytes do for vocabularies of some 65 000 tokens.
type cell interface{ uint16 | uint32 }

// words are pre-tokens as sequences of ids, each with how often it occurs, close to each other in memory. A word is
//
//	count ids… end
//
// where count is one cell, or, if it is too large for that, three: large, and the place of the count in a list. Where pairs were merged, a word has
// become shorter, and holes are behind its end until the next compaction. A word is known by the place of its first id.
type words[T cell] struct {
	segments []segment[T]
	at       [][]T // by place >> segmentBits: what begins there, and reaches to the end of the segment
	large    []int64
}

// segment is memory for many words, or for one that is longer than others may be.
type segment[T cell] struct {
	part  int // where its first cells are in at
	cells []T
	used  int
}

const (
	segmentBits = 20
	segmentSize = 1 << segmentBits
)

// What is no id, as the distance from the largest value of a cell.
const (
	end = iota
	hole
	large
	specials
)

func special[T cell](of int) T { return ^T(0) - T(of) }

// top is the bit of a cell that a count of one cell has not.
func top[T cell]() T { return ^(^T(0) >> 1) }

// add makes a new word: it returns room for its ids, or nil if places are used up.
func (w *words[T]) add(ids int, count int64) []T {
	header := 1
	if uint64(count) >= uint64(top[T]()) {
		header = 3
	}
	need := header + ids + 1
	if n := len(w.segments); n == 0 || w.segments[n-1].used+need > len(w.segments[n-1].cells) {
		size := max(segmentSize, need)
		parts := (size + segmentSize - 1) >> segmentBits
		if uint64(len(w.at)+parts)<<segmentBits > math.MaxUint32 {
			return nil
		}
		cells := make([]T, size)
		w.segments = append(w.segments, segment[T]{part: len(w.at), cells: cells})
		for i := range parts {
			w.at = append(w.at, cells[i<<segmentBits:])
		}
	}
	s := &w.segments[len(w.segments)-1]
	to := s.cells[s.used : s.used+need]
	s.used += need
	if header == 1 {
		to[0] = T(count)
	} else {
		to[0], to[1], to[2] = special[T](large), T(len(w.large)), top[T]()|T(len(w.large)>>16)
		w.large = append(w.large, count)
	}
	to[need-1] = special[T](end)
	return to[header : header+ids]
}

// word is the word at a place, with what is behind it, and how often it occurs.
func (w *words[T]) word(place uint32) (ids []T, count int64) {
	part, i := w.at[place>>segmentBits], place&(segmentSize-1)
	ids = part[i:]
	if c := part[i-1]; c&top[T]() == 0 {
		return ids, int64(c)
	}
	return ids, w.large[largeAt(part[i-2], part[i-1])]
}

// largeAt is the place of a count in the list of large ones. Both cells have it where cells have two bytes.
func largeAt[T cell](low, high T) int {
	if ^T(0) == math.MaxUint16 {
		return int(low) | int(high&^top[T]())<<16
	}
	return int(low)
}

// next finds the first word in cells: where it begins, with its count; where its first id is; and where it ends. It is not ok if there is none.
func next[T cell](cells []T) (from, first, behind int, ok bool) {
	for from < len(cells) && cells[from] == special[T](hole) {
		from++
	}
	if from == len(cells) {
		return 0, 0, 0, false
	}
	first = from + 1
	if cells[from] == special[T](large) {
		first = from + 3
	}
	behind = first
	for cells[behind] != special[T](end) {
		behind++
	}
	return from, first, behind + 1, true
}

// each calls f with the words of a segment.
func (w *words[T]) each(s *segment[T], f func(place uint32, ids []T, count int64)) {
	for i := 0; ; {
		_, first, behind, ok := next(s.cells[i:s.used])
		if !ok {
			return
		}
		place := uint32(s.part<<segmentBits + i + first)
		_, count := w.word(place)
		f(place, s.cells[i+first:i+behind-1], count)
		i += behind
	}
}

// compact moves the words of some segments together, in their order, without those that have no pair, and calls f with each at its new place.
// Words are shorter than they were, so that none is moved behind its place. Several may work at once on different segments.
func (w *words[T]) compact(segments []segment[T], f func(place uint32, ids []T, count int64)) {
	to := 0 // the segment that words go to, of those for many words
	for to < len(segments) && len(segments[to].cells) > segmentSize {
		to++
	}
	for k := range segments {
		s := &segments[k]
		cells := s.cells[:s.used]
		s.used = 0
		for {
			from, first, behind, ok := next(cells)
			if !ok {
				break
			}
			moved := cells[from:behind]
			cells = cells[behind:]
			if behind-first-1 < 2 {
				continue
			}
			out := s // a segment of one word keeps it
			if len(s.cells) <= segmentSize {
				if segments[to].used+len(moved) > segmentSize {
					for to++; len(segments[to].cells) > segmentSize; {
						to++
					}
				}
				out = &segments[to]
			}
			copy(out.cells[out.used:], moved)
			number := uint32(out.part<<segmentBits + out.used + first - from)
			out.used += len(moved)
			ids, count := w.word(number)
			f(number, ids[:behind-first-1], count)
		}
	}
}

// drop frees the segments that have no word any more.
func (w *words[T]) drop() {
	kept := w.segments[:0]
	for _, s := range w.segments {
		if s.used > 0 {
			kept = append(kept, s)
			continue
		}
		for i := range (len(s.cells) + segmentSize - 1) >> segmentBits {
			w.at[s.part+i] = nil
		}
	}
	clear(w.segments[len(kept):])
	w.segments = kept
}

package textual

import "unicode"

// tally counts code points. Its tables have a place for each, of which only those pages take memory that texts use; it is emptied by the list of
// what it has seen.
type tally struct {
	counts []uint32
	seen   []rune // each code point with a count, in the order of the text
}

func newTally() tally {
	return tally{counts: make([]uint32, unicode.MaxRune+1), seen: make([]rune, 0, unicode.MaxRune+2)}
}

// reset makes it empty.
func (t *tally) reset() {
	for _, r := range t.seen {
		t.counts[r] = 0
	}
	t.seen = t.seen[:0]
}

// of is how often a character occurs.
func (t *tally) of(r rune) int64 { return int64(t.counts[r]) }

// any says whether any of some characters occurs.
func (t *tally) any(marks string) bool {
	for _, r := range marks {
		if t.counts[r] > 0 {
			return true
		}
	}
	return false
}

// all says whether each of some characters occurs, in upper or lower case.
func (t *tally) all(letters string) bool {
	for _, r := range letters {
		if t.counts[r]+t.counts[unicode.ToUpper(r)] == 0 {
			return false
		}
	}
	return true
}

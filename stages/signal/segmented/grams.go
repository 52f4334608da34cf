package segmented

import "slices"

// grams numbers the runs of words that occur more than once, of each length by those one shorter: such a run begins with one that occurs more than
// once and ends with one. So most of a text is out of the count after a few lengths.
type grams struct {
	live []place // runs that occur more than once, in the order of the text
	runs []run   // by number
}

// place is an occurrence of a run of words: the word where it begins, and the number of the run.
type place struct {
	at     int32
	number uint32
}

// run is what is known of the occurrences of a run of words.
type run struct {
	times   int32
	end     int32 // the word behind the last one, as far as characters are counted
	covered int32 // characters
}

// begin begins with runs of one word, all of which are live, and which occur so many times.
func (g *grams) begin(times []int32) {
	g.live = slices.DeleteFunc(g.live, func(p place) bool { return times[p.number] < 2 })
}

// next goes on to runs of n words. chars has the code points of all words before each. It tells how many code points the most frequent run covers
// that occurs more than once, and how many those cover that occurred before.
func (g *grams) next(t *table, chars []int32, n int) (top, repeated int32) {
	t.empty(len(g.live))
	g.runs = append(slices.Grow(g.runs[:0], len(g.live)+1), run{})
	var best run
	end := int32(0) // of what is repeated so far
	longer := g.live[:0]
	for i := 1; i < len(g.live); i++ {
		a, b := g.live[i-1], g.live[i]
		if a.at+1 != b.at {
			continue
		}
		number, known := t.number(uint64(a.number)<<32 | uint64(b.number))
		if !known {
			g.runs = append(g.runs, run{})
		}
		longer = append(longer, place{a.at, number})
		r := &g.runs[number]
		behind := a.at + int32(n)
		if known {
			repeated += chars[behind] - chars[max(a.at, end)]
			end = behind
		}
		r.times++
		r.covered += chars[behind] - chars[max(a.at, r.end)]
		r.end = behind
		if r.times > best.times || r.times == best.times && r.covered > best.covered {
			best = *r
		}
	}
	g.live = slices.DeleteFunc(longer, func(p place) bool { return g.runs[p.number].times < 2 })
	if best.times < 2 {
		return 0, repeated
	}
	return best.covered, repeated
}

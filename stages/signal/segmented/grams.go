package segmented

import "slices"

// grams numbers the runs of words that occur more than once, of each length by those one shorter: such a run begins with one that occurs more than
// once and ends with one. So most of a text is out of the count after a few lengths.
type grams struct {
	numbers []uint32 // by the word where a run begins: the number of the run, 0 if it occurs once
	runs    []run    // by number
}

// run is what is known of the occurrences of a run of words.
type run struct {
	times   int32
	end     int32 // the word behind the last one, as far as characters are counted
	covered int32 // characters
}

// begin begins with runs of one word, which numbers has and which occur so many times.
func (g *grams) begin(times []int32) {
	for i, number := range g.numbers {
		if times[number] < 2 {
			g.numbers[i] = 0
		}
	}
}

// next goes on to runs of n words. chars has the code points of all words before each. It tells how many code points the most frequent run covers
// that occurs more than once, and how many those cover that occurred before.
func (g *grams) next(t *table, chars []int32, n int) (top, repeated int32) {
	last := len(g.numbers) - 1 // no run begins at the last word of those before
	if last <= 0 {
		g.numbers = g.numbers[:0]
		return 0, 0
	}
	candidates := 0
	for i := range last {
		if g.numbers[i] != 0 && g.numbers[i+1] != 0 {
			candidates++
		}
	}
	t.empty(candidates)
	g.runs = append(slices.Grow(g.runs[:0], candidates+1), run{})
	var best run
	end := int32(0) // of what is repeated so far
	for i := range last {
		a, b := g.numbers[i], g.numbers[i+1]
		if a == 0 || b == 0 {
			g.numbers[i] = 0
			continue
		}
		number, known := t.number(uint64(a)<<32 | uint64(b))
		if !known {
			g.runs = append(g.runs, run{})
		}
		g.numbers[i] = number
		r := &g.runs[number]
		start, behind := int32(i), int32(i+n)
		if known {
			repeated += chars[behind] - chars[max(start, end)]
			end = behind
		}
		r.times++
		r.covered += chars[behind] - chars[max(start, r.end)]
		r.end = behind
		if r.times > best.times || r.times == best.times && r.covered > best.covered {
			best = *r
		}
	}
	g.numbers = g.numbers[:last]
	for i, number := range g.numbers {
		if g.runs[number].times < 2 {
			g.numbers[i] = 0
		}
	}
	if best.times < 2 {
		return 0, repeated
	}
	return best.covered, repeated
}

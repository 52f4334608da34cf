package datatrove

import "slices"

// match is a place where words are the pieces of a rule.
type match struct {
	from, to int // of the words
	rule     *special
	apart    bool // a space is between two of them
}

// join puts the words of rules together again where their pieces came out side by side: dst[first:] are the words of a text. Longer ones go first,
// then earlier ones. Those with a space in between change nothing, but what overlaps with them does not either.
func (e *english) join(dst []span, first int, text []byte) []span {
	e.matches = e.matches[:0]
	for i := first; i < len(dst); i++ {
		word := text[dst[i].start:dst[i].end]
		if !e.rules.join.may(word) || !e.rules.alone.may(word) && (i+1 == len(dst) || !e.rules.second[text[dst[i+1].start]]) {
			continue
		}
		for _, r := range e.rules.joins[string(word)] {
			if apart, ok := r.matches(dst[i:], text); ok {
				e.matches = append(e.matches, match{i, i + len(r.pieces), r, apart})
			}
		}
	}
	if len(e.matches) == 0 {
		return dst
	}
	e.choose()
	return e.replace(dst)
}

// matches says whether words, the first of which is its first piece, start with the pieces of the rule, and whether a space is between two of them.
func (r *special) matches(words []span, text []byte) (apart, ok bool) {
	if len(words) < len(r.pieces) {
		return false, false
	}
	for i, end := range r.pieces[1:] {
		last, w := words[i].end, words[i+1]
		if string(text[w.start:w.end]) != r.word[r.pieces[i]:end] {
			return false, false
		}
		switch {
		case w.start == last:
		case w.start == last+1 && text[last] == ' ':
			apart = true
		default: // other white space is a word of its own to spaCy
			return false, false
		}
	}
	return apart, true
}

// choose leaves the matches that count, in order.
func (e *english) choose() {
	chosen := 0
	for i := 0; i < len(e.matches); {
		// A group of matches that overlap by one another.
		to, j := e.matches[i].to, i+1
		for ; j < len(e.matches) && e.matches[j].from < to; j++ {
			to = max(to, e.matches[j].to)
		}
		group, from := e.matches[i:j], e.matches[i].from
		slices.SortFunc(group, func(a, b match) int {
			if d := (b.to - b.from) - (a.to - a.from); d != 0 {
				return d
			}
			return a.from - b.from
		})
		e.seen = zeros(e.seen, to-from)
		kept := chosen
		for _, m := range group {
			if !e.seen[m.from-from] && !e.seen[m.to-1-from] {
				e.matches[chosen] = m
				chosen++
			}
			for k := m.from; k < m.to; k++ {
				e.seen[k-from] = true
			}
		}
		slices.SortFunc(e.matches[kept:chosen], func(a, b match) int { return a.from - b.from })
		i = j
	}
	e.matches = e.matches[:chosen]
}

// replace puts the words of the rules that match in the place of their pieces.
func (e *english) replace(dst []span) []span {
	e.joined = e.joined[:0]
	from := e.matches[0].from
	next := from
	for _, m := range e.matches {
		e.joined = append(e.joined, dst[next:m.from]...)
		if m.apart {
			e.joined = append(e.joined, dst[m.from:m.to]...)
		} else {
			e.joined = m.rule.append(e.joined, int(dst[m.from].start))
		}
		next = m.to
	}
	e.joined = append(e.joined, dst[next:]...)
	return append(dst[:from], e.joined...)
}

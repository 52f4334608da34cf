package unigram

import (
	"context"
	"math"
	"math/bits"
)

// build puts the pieces into a trie, whose characters are symbols.
func (p *pieces) build() *trie {
	t := newTrie(2 * p.len())
	for i := range p.len() {
		var node int32
		var e *edge
		for _, s := range p.symbols(i) {
			e = t.add(node, s)
			node = e.next
		}
		e.piece = int32(i)
	}
	return t
}

// lattice are the pieces that are at each place of a segment. It is of one goroutine.
type lattice struct {
	p     *pieces
	trie  *trie   // of the pieces that there were once
	now   []int32 // what these are now: -1 for those that are no more
	first []int32 // where the spans that begin at a place are; one more than there are places
	spans []span
	ahead []float64
	back  []float64
	best  []end
}

// span is a piece that begins at some place, and how many symbols it has. The piece is -1 for a symbol that is none.
type span struct{ piece, size int32 }

// set finds the pieces in a segment. The first at each place is that of one symbol.
func (l *lattice) set(symbols []int32) {
	l.first, l.spans = l.first[:0], l.spans[:0]
	for i := range symbols {
		l.first = append(l.first, int32(len(l.spans)))
		l.spans = append(l.spans, span{-1, 1})
		single := &l.spans[len(l.spans)-1].piece
		var node int32
		for j := i; j < len(symbols); j++ {
			next, id := l.trie.step(node, symbols[j])
			if next == 0 {
				break
			}
			node = next
			if id < 0 {
				continue
			}
			switch id = l.now[id]; {
			case j == i:
				*single = id
			case id >= 0:
				l.spans = append(l.spans, span{id, int32(j - i + 1)})
			}
		}
	}
	l.first = append(l.first, int32(len(l.spans)))
}

// room makes scratch memory of n floats.
func room(s []float64, n int, value float64) []float64 {
	s = s[:0]
	for range n {
		s = append(s, value)
	}
	return s
}

// marginals calls f with each piece that there is and how probable it is that it is one of the segment, by the probabilities of
// pieces, each times a number for each of its symbols. Not ok if the numbers are too small or too great for that.
func (l *lattice) marginals(n int, of []float64, unknown float64, f func(piece int32, p float64)) bool {
	ahead, back := room(l.ahead, n+1, 0), room(l.back, n+1, 0)
	l.ahead, l.back = ahead, back
	ahead[0], back[n] = 1, 1
	probability := func(s span) float64 {
		if s.piece < 0 {
			return unknown
		}
		return of[s.piece]
	}
	for i := range n {
		for _, s := range l.spans[l.first[i]:l.first[i+1]] {
			ahead[i+int(s.size)] += float64(ahead[i] * probability(s))
		}
	}
	all := ahead[n]
	if !(all > 1e-250 && all < 1e250) {
		return false
	}
	for i := n - 1; i >= 0; i-- {
		sum := 0.0
		for _, s := range l.spans[l.first[i]:l.first[i+1]] {
			sum += float64(back[i+int(s.size)] * probability(s))
		}
		back[i] = sum
		if sum > 1e300 {
			return false
		}
	}
	for i := range n {
		before := ahead[i] / all
		for _, s := range l.spans[l.first[i]:l.first[i+1]] {
			if s.piece >= 0 {
				f(s.piece, float64(float64(before*of[s.piece])*back[i+int(s.size)]))
			}
		}
	}
	return true
}

// lnMarginals does so by logarithms, for any segment.
func (l *lattice) lnMarginals(n int, unknown float64, f func(piece int32, p float64)) {
	ahead, back := room(l.ahead, n+1, math.Inf(-1)), room(l.back, n+1, math.Inf(-1))
	l.ahead, l.back = ahead, back
	ahead[0], back[n] = 0, 0
	score := func(s span) float64 {
		if s.piece < 0 {
			return unknown
		}
		return l.p.score[s.piece]
	}
	for i := range n {
		for _, s := range l.spans[l.first[i]:l.first[i+1]] {
			to := &ahead[i+int(s.size)]
			*to = lnSum(*to, ahead[i]+score(s))
		}
	}
	for i := n - 1; i >= 0; i-- {
		for _, s := range l.spans[l.first[i]:l.first[i+1]] {
			back[i] = lnSum(back[i], back[i+int(s.size)]+score(s))
		}
	}
	for i := range n {
		for _, s := range l.spans[l.first[i]:l.first[i+1]] {
			if s.piece >= 0 {
				f(s.piece, exp(ahead[i]+score(s)+back[i+int(s.size)]-ahead[n]))
			}
		}
	}
}

// viterbi calls f with the pieces of the best cut, the last one first. A span of the whole segment does not count if whole is false. It returns how many there are, symbols
// that are no piece among them; 0 if there is no such cut.
func (l *lattice) viterbi(n int, unknown float64, whole bool, f func(piece int32)) (pieces int, score float64) {
	l.best = l.best[:0]
	for range n + 1 {
		l.best = append(l.best, end{start: -1})
	}
	best := l.best
	for i := range n {
		if i > 0 && best[i].start < 0 {
			continue
		}
		for _, s := range l.spans[l.first[i]:l.first[i+1]] {
			if !whole && int(s.size) == n {
				continue
			}
			score := best[i].score + unknown
			if s.piece >= 0 {
				score = best[i].score + l.p.score[s.piece]
			}
			if to := &best[i+int(s.size)]; to.start < 0 || score > to.score {
				*to = end{score, int32(i), s.piece}
			}
		}
	}
	if best[n].start < 0 {
		return 0, 0
	}
	for at := int32(n); at > 0; at = best[at].start {
		pieces++
		if best[at].id >= 0 {
			f(best[at].id)
		}
	}
	return pieces, best[n].score
}

// unknown is the score of a symbol that is no piece.
func (p *pieces) unknown() float64 {
	least := 0.0
	for _, s := range p.score {
		least = min(least, s)
	}
	return least - unkPenalty
}

// leastExpected is how often a piece is expected at least: what is rarer is left out.
const leastExpected = 0.5

// expect counts how often each piece is expected, and makes the scores that are of that.
func (r *training) expect(ctx context.Context, p *pieces) error {
	unknown := p.unknown()
	// Each symbol of a segment is worth a factor, which is what a symbol costs on average, so that products of few and of many are near 1.
	// All ways to cut a segment get the same.
	worth := r.worth()
	of := make([]float64, p.len())
	for i, s := range p.score {
		of[i] = exp(s + float64(worth*float64(p.size[i])))
	}
	none := exp(unknown + worth)
	// Expected counts are whole numbers of 2^-shift: as exact as there is room for all of them.
	shift := min(62-bits.Len64(uint64(r.total)), 30)
	scale := math.Ldexp(1, shift)
	counts, err := r.eachSegment(ctx, p, func(l *lattice, counts []int64, i int) {
		n := len(l.first) - 1
		times := float64(float64(r.counts[i]) * scale)
		add := func(piece int32, p float64) { counts[piece] += int64(float64(min(p, 1)*times) + 0.5) }
		if !l.marginals(n, of, none, add) {
			l.lnMarginals(n, unknown, add)
		}
	})
	if err != nil {
		return err
	}
	// A sparse prior: the digamma function takes more from rare pieces than the logarithm does.
	kept := r.next()
	sum := 0.0
	for i, n := range counts {
		if e := float64(n) / scale; e >= leastExpected {
			kept.keep(p, i, digamma(e))
			sum += e
		}
	}
	all := digamma(sum)
	for i := range kept.score {
		kept.score[i] -= all
	}
	r.become(p, kept)
	return nil
}

// worth is about what a symbol costs, in natural units: less than the entropy of single ones.
func (r *training) worth() float64 {
	total, sum := 0.0, 0.0
	for _, n := range r.freq[1:] {
		total += float64(n)
	}
	for _, n := range r.freq[1:] {
		p := float64(n) / total
		sum -= float64(p * ln(p))
	}
	return float64(0.6 * sum)
}

// prune takes out the pieces without which the segments are the least less likely, and those that no best cut has.
func (r *training) prune(ctx context.Context, p *pieces, wanted int) error {
	unknown := p.unknown()
	counts, err := r.eachSegment(ctx, p, func(l *lattice, counts []int64, i int) {
		n := len(l.first) - 1
		times := r.counts[i]
		l.viterbi(n, unknown, true, func(piece int32) { counts[piece] += times })
	})
	if err != nil {
		return err
	}
	sum := 0.0
	for _, n := range counts {
		sum += float64(n)
	}
	if 2*p.len() < len(r.now) { // a smaller one is a faster one
		r.setTrie(p)
	}
	losses := make([]float64, p.len()) // -1: can go, +Inf: has to stay
	all := ln(sum)
	if _, err := r.each(ctx, p, p.len(), false, func(l *lattice, _ []int64, i int) {
		losses[i] = l.loss(p, counts, i, sum, all, unknown)
	}); err != nil {
		return err
	}
	r.keep(p, losses, max(wanted, int(shrinking*float64(p.len()))))
	return nil
}

// loss is how much less likely the segments are without a piece, if it becomes the next best pieces everywhere.
func (l *lattice) loss(p *pieces, counts []int64, i int, sum, all, unknown float64) float64 {
	if counts[i] == 0 {
		return -1
	}
	s := p.symbols(i)
	if len(s) == 1 {
		return math.Inf(1)
	}
	l.set(s)
	freq := float64(counts[i])
	var parts []int32
	n, score := l.viterbi(len(s), unknown, false, func(piece int32) { parts = append(parts, piece) })
	if n == 0 {
		return math.Inf(1)
	}
	if score > p.score[i] {
		return -1
	}
	without := ln(sum + float64(freq*float64(n-1)))
	alternative := 0.0
	for _, id := range parts {
		alternative += ln(float64(counts[id])+freq) - without
	}
	return float64(freq * (ln(freq) - all - alternative))
}

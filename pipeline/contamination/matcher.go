package contamination

import (
	"cmp"
	"slices"
)

// Hit is an item that a document has.
type Hit struct {
	Item  int   // see Index.Item
	Score int64 // millionths
	// Start and End are where in the document the question stands, or the answer that it was found by, in bytes: from the first word or character that
	// was found to behind the last one.
	Start, End int
}

// Matcher finds items in documents. What it finds in one follows from that alone. Not safe for concurrent use: each goroutine has its own. It takes 8
// bytes a question, and some times the units of a document; once it has seen documents of a size it allocates nothing for others.
type Matcher struct {
	weights *Weights
	scan    scanner

	document uint32 // number of the document
	seen     []seen // by part
	tries    []candidate
	bits     []uint64 // of the candidates
	runs     []run    // of one expansion
	hits     []Hit    // with units as their span

	tells []uint32 // of the units of one question
	near  []uint64 // hashes of n-grams around a question
	grams grams
}

// seen says which candidate a part has in the newest document that it was seen in.
type seen struct {
	document, candidate uint32
}

// candidate is what was found of a part in a stretch of the document.
type candidate struct {
	part     uint32
	bits     int // where its bits begin: one for each unit of the part that was found
	from, to int // units of the document
	until    int // up to where the last expansion went
	tried    int // where in the document the last expansion began
}

// Matcher returns one.
func (w *Weights) Matcher() *Matcher {
	return &Matcher{weights: w, scan: newScanner(w.index), seen: make([]seen, len(w.index.parts)), grams: newGrams(w.index.options.need(), w.index.powers)}
}

// Match finds the item that most of the document says it has: of the greatest score, then the longest question, then the first. ok is false for a document
// that has none.
func (m *Matcher) Match(text []byte) (h Hit, ok bool) {
	m.find(text)
	if len(m.hits) == 0 {
		return h, false
	}
	h = slices.MaxFunc(m.hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Score, b.Score), cmp.Compare(a.End-a.Start, b.End-b.Start), cmp.Compare(b.Item, a.Item), cmp.Compare(b.Start, a.Start))
	})
	h.Start, h.End = m.scan.span(h.Start, h.End)
	return h, true
}

// All appends a hit of every item that the document has to dst, in the order of the items.
func (m *Matcher) All(dst []Hit, text []byte) []Hit {
	m.find(text)
	slices.SortFunc(m.hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(b.Score, a.Score), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	for i, h := range m.hits {
		if i > 0 && h.Item == m.hits[i-1].Item {
			continue
		}
		h.Start, h.End = m.scan.span(h.Start, h.End)
		dst = append(dst, h)
	}
	return dst
}

// find makes the hits of a document.
func (m *Matcher) find(text []byte) {
	m.begin()
	x := m.weights.index
	m.scan.each(text, func(entry, at int) {
		if m.weights.grams[entry] == 0 {
			return
		}
		end := m.scan.grams.endOf(at)
		for _, p := range x.grams.at(entry) {
			m.anchor(p, at, end)
		}
	}, func(p uint32, at int) {
		q := &x.parts[p]
		if m.weights.grams[len(x.grams.hashes)+int(q.whole)] > 0 && m.answered(&x.items[q.item], at, at+q.len()) {
			m.hits = append(m.hits, Hit{int(q.item), million, at, at + q.len()})
		}
	})
	for i := range m.tries {
		m.judge(&m.tries[i])
	}
}

func (m *Matcher) begin() {
	if m.document++; m.document == 0 { // the numbers begin again
		clear(m.seen)
		m.document = 1
	}
	m.tries, m.bits, m.hits = m.tries[:0], m.bits[:0], m.hits[:0]
}

// Bounds of what belongs together, in units of the document.
const (
	reach = 200 // between two stretches of one item
	slack = 400 // how much longer than four times the question all of it may be
)

// anchor follows an n-gram of a part that stands in the document.
func (m *Matcher) anchor(p posting, at, end int) {
	x := m.weights.index
	s := &m.seen[p.part]
	fresh := s.document != m.document
	if !fresh {
		if c := &m.tries[s.candidate]; at < c.until && at != c.tried {
			return
		}
	}
	q := x.of(x.parts[p.part].stretch)
	from, to := m.expand(q, int(p.at), at)
	if to < end {
		return // the hash alone is equal
	}
	if fresh {
		*s = seen{m.document, uint32(len(m.tries))}
		c := candidate{part: p.part, bits: len(m.bits), from: from, to: to}
		for range (len(q) + 63) / 64 {
			m.bits = append(m.bits, 0)
		}
		m.tries = append(m.tries, c)
	}
	c := &m.tries[s.candidate]
	if from > c.to+reach || max(to, c.to)-min(from, c.from) > 4*len(q)+slack {
		m.judge(c)
		clear(m.bitsOf(c))
		c.from, c.to = from, to
	}
	c.from, c.to = min(c.from, from), max(c.to, to)
	c.until, c.tried = max(to, end), at
	bits := m.bitsOf(c)
	for _, r := range m.runs {
		for k := r.from; k < r.to; k++ {
			bits[k/64] |= 1 << (k % 64)
		}
	}
}

func (m *Matcher) bitsOf(c *candidate) []uint64 {
	return m.bits[c.bits : c.bits+(m.weights.index.parts[c.part].len()+63)/64]
}

// judge makes a hit of a candidate if enough of its part was found.
func (m *Matcher) judge(c *candidate) {
	x := m.weights.index
	p := &x.parts[c.part]
	it := &x.items[p.item]
	needed := x.options.needed(p.weight)
	share := m.plainShare(c, p)
	if !canReach(share, needed, p, it) || !m.ends(c, p) {
		return
	}
	if share = min(share, m.weightedShare(c, p)); !canReach(share, needed, p, it) {
		return
	}
	score := share
	if !p.answer {
		sum, of := int64(questionPart)*share, int64(questionPart)
		if it.scored {
			sum, of = sum+answerPart*m.nearShare(it.answer, c.from, c.to), of+answerPart
		}
		if it.passage.len() > 0 && p.asks == 0 {
			sum, of = sum+passagePart*m.nearShare(it.passage, c.from, c.to), of+passagePart
		}
		score = max(score, sum/of)
	}
	if score >= needed {
		m.hits = append(m.hits, Hit{int(p.item), score, c.from, c.to})
	}
}

// What question, answer and passage contribute to a score.
const (
	questionPart = 7
	answerPart   = 2
	passagePart  = 1
)

// canReach says whether a share of a question is enough if answer and passage are there as a whole.
func canReach(share, needed int64, p *part, it *item) bool {
	if share >= needed {
		return true
	}
	of := int64(0)
	if it.scored && !p.answer {
		of += answerPart
	}
	if it.passage.len() > 0 && !p.answer && p.asks == 0 {
		of += passagePart
	}
	return questionPart*share+of*million >= needed*(questionPart+of)
}

// ends says whether half of the last n-gram of a part was found, or of the question behind a passage. Texts ask at their end: what has all but that is the passage or the article that a
// question begins with.
func (m *Matcher) ends(c *candidate, p *part) bool {
	x := m.weights.index
	q, bits := x.of(p.stretch), m.bitsOf(c)
	weight, found := 0, 0
	end := x.options.need()
	if p.asks > 0 {
		end = p.asks
	}
	for k := len(q) - 1; k >= 0 && weight < end; k-- {
		w := q[k].weight()
		weight += w
		if bits[k/64]>>(k%64)&1 != 0 {
			found += w
		}
	}
	return 2*found >= weight
}

// plainShare is how much of a part was found.
func (m *Matcher) plainShare(c *candidate, p *part) int64 {
	found := int64(0)
	bits := m.bitsOf(c)
	for k, u := range m.weights.index.of(p.stretch) {
		if bits[k/64]>>(k%64)&1 != 0 {
			found += u.worth()
		}
	}
	return million * found / p.worth
}

// weightedShare is how much of what tells was found: each unit counts as much as the n-gram that it is in and that weighs most.
func (m *Matcher) weightedShare(c *candidate, p *part) int64 {
	x := m.weights.index
	q := x.of(p.stretch)
	m.tells = slices.Grow(m.tells[:0], len(q))[:len(q)]
	clear(m.tells)
	for m.grams.over(q); m.grams.next(); {
		w := m.weights.grams[x.grams.find(m.grams.hash)]
		for k := m.grams.at; k < m.grams.end; k++ {
			m.tells[k] = max(m.tells[k], w)
		}
	}
	found, all := int64(0), int64(0)
	bits := m.bitsOf(c)
	for k, u := range q {
		w := u.worth() * int64(m.tells[k])
		all += w
		if bits[k/64]>>(k%64)&1 != 0 {
			found += w
		}
	}
	if all == 0 {
		return 0
	}
	return share(found, all)
}

// share is part of all in millionths. Both are less than 2^56.
func share(part, all int64) int64 {
	for all >= 1<<42 { // more than 2^16 units
		part, all = part>>1, all>>1
	}
	return million * part / all
}

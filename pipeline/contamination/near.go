package contamination

import "slices"

// answered says whether the answer of an item stands near some units of the document, if it has one.
func (m *Matcher) answered(it *item, from, to int) bool {
	return it.answer.len() == 0 || m.nearShare(it.answer, from, to) == million
}

// nearShare is how much of an answer or a passage stands near some units of the document. One that gives no n-gram is there as a whole or not.
func (m *Matcher) nearShare(s stretch, from, to int) int64 {
	x := m.weights.index
	q := x.of(s)
	d := m.scan.units[max(from-reach-2*len(q), 0):min(to+reach+2*len(q), len(m.scan.units))]
	m.near = m.near[:0]
	g := &m.grams
	if g.over(q); !g.next() {
		for i := range len(d) - len(q) + 1 {
			if slices.Equal(d[i:i+len(q)], q) {
				return million
			}
		}
		return 0
	}
	for g.over(d); g.next(); {
		m.near = append(m.near, g.hash)
	}
	slices.Sort(m.near)
	found, all, done := int64(0), int64(0), 0
	for g.over(q); g.next(); {
		if _, ok := slices.BinarySearch(m.near, g.hash); ok {
			for k := max(g.at, done); k < g.end; k++ {
				found += q[k].worth()
			}
			done = g.end
		}
	}
	for _, u := range q {
		all += u.worth()
	}
	return million * found / all
}

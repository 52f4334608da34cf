package counts

import (
	"bytes"
	"fmt"
)

// Merge is groups of sources as one: equal tokens are one item whose counts are added, in all and by group. What comes to nothing in every group is
// left out. It is a Source.
type Merge struct {
	heap  []head // the least item first
	begun bool
	item  Item
	sums  []Sum // of the item, by group
	err   error
}

// Sum is what the sources of a group have of an item.
type Sum struct{ Count, Documents int64 }

// head is a source with its item.
type head struct {
	hash   uint64
	item   *Item
	source Source
	group  int
}

func (h *head) before(g *head) bool {
	return h.hash < g.hash || h.hash == g.hash && bytes.Compare(h.item.Token, g.item.Token) < 0
}

// NewMerge merges the sources of some groups. Nothing is read before Next.
func NewMerge(groups ...[]Source) *Merge {
	m := &Merge{sums: make([]Sum, len(groups))}
	for g, sources := range groups {
		for _, s := range sources {
			m.heap = append(m.heap, head{source: s, group: g})
		}
	}
	return m
}

func (m *Merge) begin() {
	m.begun = true
	n := 0
	for _, h := range m.heap {
		if !h.source.Next() {
			if m.err = h.source.Err(); m.err != nil {
				return
			}
			continue
		}
		h.item = h.source.Item()
		h.hash = h.item.Hash
		m.heap[n] = h
		n++
	}
	m.heap = m.heap[:n]
	for i := n/2 - 1; i >= 0; i-- {
		m.down(i)
	}
}

// down puts the source at i in its place below.
func (m *Merge) down(i int) {
	h := m.heap
	moved := h[i]
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if child+1 < len(h) && h[child+1].before(&h[child]) {
			child++
		}
		if !h[child].before(&moved) {
			break
		}
		h[i] = h[child]
		i = child
	}
	h[i] = moved
}

// Next implements Source.
func (m *Merge) Next() bool {
	if !m.begun {
		m.begin()
	}
	for m.err == nil && len(m.heap) > 0 {
		least := &m.heap[0]
		m.item.Hash, m.item.Token = least.hash, append(m.item.Token[:0], least.item.Token...)
		m.item.Count, m.item.Documents = 0, 0
		clear(m.sums)
		for len(m.heap) > 0 && m.heap[0].hash == m.item.Hash && bytes.Equal(m.heap[0].item.Token, m.item.Token) {
			if !m.add() {
				return false
			}
		}
		for _, s := range m.sums {
			if s.Count != 0 || s.Documents != 0 {
				return true
			}
		}
	}
	return false
}

// add adds the item of the first source, and goes on with it.
func (m *Merge) add() bool {
	h := &m.heap[0]
	s, i := &m.sums[h.group], h.item
	if !plus(&s.Count, i.Count) || !plus(&s.Documents, i.Documents) || !plus(&m.item.Count, i.Count) || !plus(&m.item.Documents, i.Documents) {
		m.err = fmt.Errorf("token %.40q: its count is beyond 64 bits", m.item.Token)
		return false
	}
	if h.source.Next() {
		h.item = h.source.Item()
		h.hash = h.item.Hash
	} else {
		if m.err = h.source.Err(); m.err != nil {
			return false
		}
		n := len(m.heap) - 1
		m.heap[0] = m.heap[n]
		m.heap = m.heap[:n]
		if n == 0 {
			return true
		}
	}
	m.down(0)
	return true
}

// plus adds, unless the sum is beyond 64 bits.
func plus(to *int64, n int64) bool {
	sum := *to + n
	if (sum > *to) != (n > 0) && n != 0 {
		return false
	}
	*to = sum
	return true
}

// Item implements Source: its counts are those of all groups.
func (m *Merge) Item() *Item { return &m.item }

// Of is what the sources of a group have of the item.
func (m *Merge) Of(group int) Sum { return m.sums[group] }

// Err implements Source.
func (m *Merge) Err() error { return m.err }

// Taken is a source whose counts are taken away.
type Taken struct {
	Source
	item Item
}

// Next implements Source.
func (t *Taken) Next() bool {
	if !t.Source.Next() {
		return false
	}
	t.item = *t.Source.Item()
	t.item.Count, t.item.Documents = -t.item.Count, -t.item.Documents
	return true
}

// Item implements Source.
func (t *Taken) Item() *Item { return &t.item }

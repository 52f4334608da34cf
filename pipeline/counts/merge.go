package counts

import "fmt"

// Merge is several sources as one: equal tokens are one item whose counts are added, and left out if they come to nothing. It is a Source.
type Merge struct {
	heap  []Source // by their items, the least first
	begun bool
	item  Item
	err   error
}

// NewMerge merges sources. Nothing is read before Next.
func NewMerge(sources []Source) *Merge { return &Merge{heap: append([]Source(nil), sources...)} }

func (m *Merge) begin() {
	m.begun = true
	n := 0
	for _, s := range m.heap {
		if s.Next() {
			m.heap[n] = s
			n++
		} else if err := s.Err(); err != nil {
			m.err = err
			return
		}
	}
	m.heap = m.heap[:n]
	for i := n/2 - 1; i >= 0; i-- {
		m.down(i)
	}
}

// down puts the source at i in its place below.
func (m *Merge) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(m.heap) {
			return
		}
		if child+1 < len(m.heap) && m.heap[child+1].Item().compare(m.heap[child].Item()) < 0 {
			child++
		}
		if m.heap[i].Item().compare(m.heap[child].Item()) <= 0 {
			return
		}
		m.heap[i], m.heap[child] = m.heap[child], m.heap[i]
		i = child
	}
}

// Next implements Source.
func (m *Merge) Next() bool {
	if !m.begun {
		m.begin()
	}
	for m.err == nil && len(m.heap) > 0 {
		least := m.heap[0].Item()
		m.item.Hash, m.item.Token = least.Hash, append(m.item.Token[:0], least.Token...)
		m.item.Count, m.item.Documents = 0, 0
		for len(m.heap) > 0 && m.heap[0].Item().compare(&m.item) == 0 {
			if !m.add(m.heap[0]) {
				return false
			}
		}
		if m.item.Count != 0 || m.item.Documents != 0 {
			return true
		}
	}
	return false
}

// add adds the item of the first source, and goes on with it.
func (m *Merge) add(s Source) bool {
	i := s.Item()
	count, documents := m.item.Count+i.Count, m.item.Documents+i.Documents
	if (count > m.item.Count) != (i.Count > 0) || (documents > m.item.Documents) != (i.Documents > 0) {
		m.err = fmt.Errorf("token %.40q: its count is beyond 64 bits", m.item.Token)
		return false
	}
	m.item.Count, m.item.Documents = count, documents
	if !s.Next() {
		if m.err = s.Err(); m.err != nil {
			return false
		}
		n := len(m.heap) - 1
		m.heap[0] = m.heap[n]
		m.heap = m.heap[:n]
	}
	m.down(0)
	return true
}

// Item implements Source.
func (m *Merge) Item() *Item { return &m.item }

// Err implements Source.
func (m *Merge) Err() error { return m.err }

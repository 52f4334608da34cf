package dedupe

// item is one element of a sorted stream.
type item[V any] struct {
	key   uint64
	value V
}

// source is a sorted stream that is read in pieces.
type source[V any] interface {
	// fill returns the next items, in the memory of the slice that it returned before, or none at the end.
	fill(items []item[V]) ([]item[V], error)
}

// merge reads several sorted streams as one: by key, and among equal keys by the number of the stream. It is a tree of
// losers (Knuth, volume 3, 5.4.1): one comparison a level for each item. It holds one piece of every stream.
type merge[V any] struct {
	sources []source[V]
	pieces  [][]item[V]
	rest    [][]item[V] // of the pieces
	keys    []uint64    // of the first item of rest; of a stream at its end the greatest
	tree    []int32     // tree[0] is the winner, tree[i] the loser of match i
	started bool
	err     error
}

func newMerge[V any](sources []source[V]) *merge[V] {
	k := len(sources)
	return &merge[V]{
		sources: sources, pieces: make([][]item[V], k), rest: make([][]item[V], k), keys: make([]uint64, k),
		tree: make([]int32, max(k, 1)),
	}
}

// next returns the next item and its stream; ok is false at the end.
func (m *merge[V]) next() (it item[V], stream int, ok bool, err error) {
	if !m.started {
		m.start()
	} else if m.err == nil && len(m.sources) > 0 {
		// The winner of before goes on, and plays its matches again.
		w := m.tree[0]
		m.advance(w)
		for i := (int(w) + len(m.sources)) / 2; i > 0; i /= 2 {
			if m.less(m.tree[i], w) {
				m.tree[i], w = w, m.tree[i]
			}
		}
		m.tree[0] = w
	}
	if m.err != nil || len(m.sources) == 0 {
		return it, 0, false, m.err
	}
	w := m.tree[0]
	if len(m.rest[w]) == 0 {
		return it, 0, false, nil
	}
	return m.rest[w][0], int(w), true, nil
}

// less orders streams by their first items; one at its end comes last.
func (m *merge[V]) less(a, b int32) bool {
	if m.keys[a] != m.keys[b] {
		return m.keys[a] < m.keys[b]
	}
	if endA, endB := len(m.rest[a]) == 0, len(m.rest[b]) == 0; endA != endB {
		return endB
	}
	return a < b
}

// start fills every stream and plays all matches.
func (m *merge[V]) start() {
	m.started = true
	k := len(m.sources)
	for i := range k {
		m.fill(int32(i))
	}
	if k == 0 || m.err != nil {
		return
	}
	winners := make([]int32, 2*k)
	for i := range k {
		winners[k+i] = int32(i)
	}
	for i := k - 1; i > 0; i-- {
		a, b := winners[2*i], winners[2*i+1]
		if m.less(b, a) {
			a, b = b, a
		}
		winners[i], m.tree[i] = a, b
	}
	m.tree[0] = winners[1]
}

func (m *merge[V]) advance(s int32) {
	if len(m.rest[s]) > 1 {
		m.rest[s] = m.rest[s][1:]
		m.keys[s] = m.rest[s][0].key
		return
	}
	if len(m.rest[s]) == 1 {
		m.fill(s)
	}
}

func (m *merge[V]) fill(s int32) {
	items, err := m.sources[s].fill(m.pieces[s][:0])
	if err != nil {
		m.err = err
	}
	m.pieces[s], m.rest[s] = items, items
	if len(items) > 0 {
		m.keys[s] = items[0].key
	} else {
		m.keys[s] = ^uint64(0)
	}
}

package sorted

import "math/bits"

// Item is one element of a sorted stream.
type Item[V any] struct {
	Key   uint64
	Value V
}

// Source is a sorted stream that is read in pieces.
type Source[V any] interface {
	// Fill returns the next items, in the memory of the slice that it returned before, or none at the end.
	Fill(items []Item[V]) ([]Item[V], error)
}

// Merge reads several sorted streams as one: by key, and among equal keys by the number of the stream. It is a tree of
// losers (Knuth, volume 3, 5.4.1) with one match a level for each item. Keys are hashes and no match can be predicted, so it
// is played without a branch. A Merge holds one piece of every stream. It is used by one goroutine.
type Merge[V any] struct {
	Item[V] // the current one, after Next
	err     error

	streams []stream[V]
	tree    []player // tree[0] is the winner, tree[i] the loser of match i
}

type stream[V any] struct {
	source Source[V]
	items  []Item[V]
	at     int
}

// player is a stream in the tree, with the key of its first item.
type player struct {
	key    uint64
	stream uint64 // ended is added at its end
}

// ended makes a stream lose against every other one.
const ended = 1 << 32

// NewMerge returns the merge of some sources. Nothing is read before Next.
func NewMerge[V any](sources []Source[V]) *Merge[V] {
	m := &Merge[V]{streams: make([]stream[V], len(sources))}
	for i, s := range sources {
		m.streams[i].source = s
	}
	return m
}

// Next goes to the next item. It returns false at the end, and with an error.
func (m *Merge[V]) Next() bool {
	if m.err != nil || len(m.streams) == 0 {
		return false
	}
	if m.tree == nil {
		m.start()
	} else {
		// The winner of before goes on, and plays its matches again.
		w := m.tree[0]
		if w.stream >= ended {
			return false
		}
		w = m.player(w.stream)
		for i := (w.stream%ended + uint64(len(m.streams))) / 2; i > 0; i /= 2 {
			p := &m.tree[i]
			_, less := bits.Sub64(p.stream, w.stream, 0)
			_, less = bits.Sub64(p.key, w.key, less)
			key, stream := (p.key^w.key)&-less, (p.stream^w.stream)&-less
			p.key, p.stream = p.key^key, p.stream^stream
			w.key, w.stream = w.key^key, w.stream^stream
		}
		m.tree[0] = w
	}
	w := m.tree[0]
	if m.err != nil || w.stream >= ended {
		return false
	}
	s := &m.streams[w.stream]
	m.Item = s.items[s.at]
	s.at++
	return true
}

// Err is the error that ended the merge, nil at its end.
func (m *Merge[V]) Err() error { return m.err }

// player returns a stream with its next item, which is read if need be.
func (m *Merge[V]) player(number uint64) player {
	s := &m.streams[number]
	if s.at == len(s.items) {
		items, err := s.source.Fill(s.items[:0])
		if err != nil {
			m.err = err
		}
		s.items, s.at = items, 0
		if len(items) == 0 {
			return player{^uint64(0), number + ended}
		}
	}
	return player{s.items[s.at].Key, number}
}

// start fills every stream and plays all matches.
func (m *Merge[V]) start() {
	k := len(m.streams)
	m.tree = make([]player, k)
	winners := make([]player, 2*k)
	for i := range k {
		winners[k+i] = m.player(uint64(i))
	}
	for i := k - 1; i > 0; i-- {
		a, b := winners[2*i], winners[2*i+1]
		if b.key < a.key || b.key == a.key && b.stream < a.stream {
			a, b = b, a
		}
		winners[i], m.tree[i] = a, b
	}
	m.tree[0] = winners[1]
}

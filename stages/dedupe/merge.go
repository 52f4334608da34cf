package dedupe

import "math/bits"

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
// losers (Knuth, volume 3, 5.4.1): one match a level for each item. Keys are hashes and no match can be predicted, so it is
// played without a branch. The merge holds one piece of every stream.
type merge[V any] struct {
	item[V] // the current one
	err     error

	streams []stream[V]
	tree    []player // tree[0] is the winner, tree[i] the loser of match i
}

type stream[V any] struct {
	source source[V]
	items  []item[V]
	at     int
}

// player is a stream in the tree, with the key of its first item.
type player struct {
	key    uint64
	stream uint64 // ended is added at its end
}

// ended makes a stream lose against every other one.
const ended = 1 << 32

func newMerge[V any](sources []source[V]) *merge[V] {
	m := &merge[V]{streams: make([]stream[V], len(sources))}
	for i, s := range sources {
		m.streams[i].source = s
	}
	return m
}

// next goes to the next item. It returns false at the end, and with an error.
func (m *merge[V]) next() bool {
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
	m.item = s.items[s.at]
	s.at++
	return true
}

// player returns a stream with its next item, which is read if need be.
func (m *merge[V]) player(number uint64) player {
	s := &m.streams[number]
	if s.at == len(s.items) {
		items, err := s.source.fill(s.items[:0])
		if err != nil {
			m.err = err
		}
		s.items, s.at = items, 0
		if len(items) == 0 {
			return player{^uint64(0), number + ended}
		}
	}
	return player{s.items[s.at].key, number}
}

// start fills every stream and plays all matches.
func (m *merge[V]) start() {
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

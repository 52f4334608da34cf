package train

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// lower lowers the level to half of what the most frequent pair below it has, and finds the words of those that are above it then. It says whether
// there are any.
func (m *merger[T]) lower() bool {
	var most int64
	m.pairs.all(func(s *slot) {
		if s.ref() == low {
			most = max(most, s.count)
		}
	})
	if most < max(m.least, 1) {
		return false
	}
	m.level = level{max(most/2, m.least, 1), math.MaxUint64}
	var above []candidate
	m.pairs.all(func(s *slot) {
		if s.ref() == low && s.count >= m.level.count {
			above = append(above, candidate{s.count, s.pair()})
		}
	})
	slices.SortFunc(above, func(a, b candidate) int { return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.pair, b.pair)) })
	if len(above) > mostEntries {
		above = above[:mostEntries]
		last := above[len(above)-1]
		m.level = level(last)
	}
	m.entries, m.free, m.heap = m.entries[:0], m.free[:0], above // a sorted list is a heap
	numbers := make([]int, len(above))
	for i, c := range above {
		numbers[i] = m.enter(m.pairs.find(c.pair))
	}
	m.search(numbers, true)
	return true
}

// search finds the words of some entries. If it may, it moves the words together before, and forgets those that have no pair.
func (m *merger[T]) search(numbers []int, compact bool) {
	x := newIndex(m.entries, numbers, len(m.lefts))
	for _, w := range m.workers {
		w.found, w.last = nil, nil
	}
	m.parallel(len(m.words.segments), 2, func(w *worker[T], _, from, to int) {
		w.found, w.last = make([]uint32, len(numbers)), make([]uint32, len(numbers))
		count := func(place uint32, ids []T, _ int64) {
			visit(x, ids, place, w.last, func(i int32) { w.found[i]++ })
		}
		if compact {
			m.words.compact(m.words.segments[from:to], count)
			return
		}
		for i := range m.words.segments[from:to] {
			m.words.each(&m.words.segments[from+i], count)
		}
	})
	total := 0
	for _, w := range m.workers {
		for _, n := range w.found {
			total += int(n)
		}
	}
	// When the words are moved there is no entry but these, and the places of all that were are free.
	var places []uint32
	if compact && total <= cap(m.places) {
		places = m.places[:total]
	} else {
		places = make([]uint32, total)
	}
	if compact {
		m.places = places
	}
	at := 0
	for i, number := range numbers {
		from := at
		for _, w := range m.workers {
			if w.found != nil {
				at, w.found[i] = at+int(w.found[i]), uint32(at)
			}
		}
		m.entries[number].places = places[from:at:at]
	}
	m.parallel(len(m.words.segments), 2, func(w *worker[T], _, from, to int) {
		clear(w.last)
		for i := range m.words.segments[from:to] {
			m.words.each(&m.words.segments[from+i], func(place uint32, ids []T, _ int64) {
				visit(x, ids, place, w.last, func(i int32) {
					places[w.found[i]] = place
					w.found[i]++
				})
			})
		}
	})
	m.words.drop()
}

// visit calls f with the pairs of x that a word has: their places in x, each once. last is the word that each was seen in last.
func visit[T cell](x *index, ids []T, place uint32, last []uint32, f func(i int32)) {
	for j := range len(ids) - 1 {
		if x.sides[ids[j]]&begins == 0 || x.sides[ids[j+1]]&ends == 0 {
			continue
		}
		if i, ok := x.find(keyOf(int32(ids[j]), int32(ids[j+1]))); ok && last[i] != place {
			last[i] = place
			f(i)
		}
	}
}

// index finds some pairs among many.
type index struct {
	sides []uint8  // by id: whether pairs begin with it, or end
	bits  []uint64 // by hash: pairs that are not in it mostly end here
	slots []indexSlot
}

const (
	begins = 1 << iota
	ends
)

type indexSlot struct {
	key   key // + 1
	value int32
}

func newIndex(all []entry, numbers []int, size int) *index {
	slots := 1 << max(bits.Len(uint(2*len(numbers))), 4)
	x := &index{make([]uint8, size), make([]uint64, max(slots/8, 1<<9)), make([]indexSlot, slots)}
	for i, number := range numbers {
		k := all[number].pair
		x.sides[k.left()] |= begins
		x.sides[k.right()] |= ends
		h := hash(k)
		x.bits[h>>38&uint64(len(x.bits)-1)] |= 1 << (h >> 32 & 63)
		at := h & uint64(slots-1)
		for x.slots[at].key != 0 {
			at = (at + 1) & uint64(slots-1)
		}
		x.slots[at] = indexSlot{k + 1, int32(i)}
	}
	return x
}

func (x *index) find(k key) (value int32, ok bool) {
	h := hash(k)
	if x.bits[h>>38&uint64(len(x.bits)-1)]>>(h>>32&63)&1 == 0 {
		return 0, false
	}
	for at := h; ; at++ {
		s := &x.slots[at&uint64(len(x.slots)-1)]
		if s.key == k+1 {
			return s.value, true
		}
		if s.key == 0 {
			return 0, false
		}
	}
}

package train

import (
	"context"
	"slices"
	"sync"
)

// merger merges the most frequent pair of words, again and again.
//
// Most pairs are rare, and never merged. So there is a level: of pairs that occur at least as often it is known in which words they are, and they
// are in a heap; of the others, only how often they occur. When the heap is empty the level is lowered, and all words are read once to find where
// the pairs are that come above it. That there are some twenty levels costs less than lists of all pairs would.
type merger[T cell] struct {
	words   words[T]
	pairs   pairs
	workers []*worker[T]

	least     int64 // no pair that occurs less often is merged
	maxLength int   // merged tokens have less; 0: no bound
	lengths   []int32
	initial   int32 // ids below are of single letters

	level   level
	heap    []candidate
	entries []entry
	free    []int
	places  []uint32 // memory of those of entries

	// Of the merge that is made: the pairs that come above the level, by the id beside the new one.
	lefts, rights []int32 // what is to be listed, + 1
	listed        []int   // entries
}

// level is the last pair of those whose words are known: it occurs so often, and of those that do it is the greatest.
type level struct {
	count int64
	pair  key
}

// above says whether the words of a pair are to be known.
func (l level) above(count int64, pair key) bool {
	return count > l.count || count == l.count && pair <= l.pair
}

// entry is a pair above the level.
type entry struct {
	pair   key
	places []uint32 // of the words that have it, and of some that had
	many   bool     // places came from several merges: some may be there twice
}

// candidate is a pair in the heap, with a count that it had.
type candidate struct {
	count int64
	pair  key
}

func (c candidate) before(d candidate) bool {
	return c.count > d.count || c.count == d.count && c.pair < d.pair
}

// worker is the scratch memory of a goroutine.
type worker[T cell] struct {
	left, right               []int64 // by id: how often a merged pair stands behind it, and in front of it
	touchedLeft, touchedRight []int32 // where these are not 0
	lists                     [][]uint32
	found, last               []uint32 // while entries are sought: how many words they have, then where the next goes; the word seen last
}

// What tests change: how many words one goroutine visits faster than several, and how many pairs may be above the level.
var (
	few         = 4096
	mostEntries = 4 << 20
)

// parallel calls f with each worker, and the part from to of n things that it is to see to.
func (m *merger[T]) parallel(n, few int, f func(w *worker[T], number, from, to int)) {
	if len(m.workers) == 1 || n < few {
		f(m.workers[0], 0, 0, n)
		return
	}
	var wg sync.WaitGroup
	for i, w := range m.workers {
		from, to := n*i/len(m.workers), n*(i+1)/len(m.workers)
		wg.Go(func() { f(w, i, from, to) })
	}
	wg.Wait()
}

// prepare makes room for ids below size, for a number of goroutines.
func (m *merger[T]) prepare(goroutines, size int) {
	m.workers = nil
	for range goroutines {
		m.workers = append(m.workers, &worker[T]{left: make([]int64, size), right: make([]int64, size)})
	}
	m.lefts, m.rights = make([]int32, size), make([]int32, size)
}

// tracked says whether a pair may be merged at all.
func (m *merger[T]) tracked(left, right int32) bool {
	return m.maxLength == 0 || int(m.lengths[left]+m.lengths[right]) < m.maxLength || left < m.initial && right < m.initial
}

// count counts the pairs of all words.
func (m *merger[T]) count() {
	tables := make([]pairs, len(m.workers))
	m.parallel(len(m.words.segments), 2, func(_ *worker[T], number, from, to int) {
		for i := range m.words.segments[from:to] {
			m.words.each(&m.words.segments[from+i], func(_ uint32, ids []T, count int64) {
				for j := range len(ids) - 1 {
					tables[number].add(keyOf(int32(ids[j]), int32(ids[j+1])), count)
				}
			})
		}
	})
	for i := range tables {
		tables[i].all(func(s *slot) { m.pairs.add(s.pair(), s.count) })
	}
}

// run merges while more says so. join says what two tokens become, and hears how often they stood beside each other.
func (m *merger[T]) run(ctx context.Context, more func() bool, join func(pair key, count int64) int32) error {
	m.count()
	for more() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(m.heap) == 0 {
			if !m.lower() {
				break
			}
			continue
		}
		c := m.pop()
		s := m.pairs.find(c.pair)
		if s == nil || s.ref() < entries {
			continue // it was merged, or came below the level
		}
		if s.count != c.count {
			m.refresh(s)
			continue
		}
		m.merge(c.pair, join(c.pair, c.count))
	}
	return nil
}

// refresh puts a pair whose count has changed into the heap again, or below the level.
func (m *merger[T]) refresh(s *slot) {
	if pair := s.pair(); m.level.above(s.count, pair) {
		m.push(candidate{s.count, pair})
		return
	}
	m.release(s.ref() - entries)
	s.setRef(low)
}

func (m *merger[T]) release(number int) {
	m.entries[number] = entry{}
	m.free = append(m.free, number)
}

// enter makes an entry of a pair.
func (m *merger[T]) enter(s *slot) (number int) {
	if n := len(m.free); n > 0 {
		number, m.free = m.free[n-1], m.free[:n-1]
	} else {
		number = len(m.entries)
		m.entries = append(m.entries, entry{})
	}
	m.entries[number].pair = s.pair()
	s.setRef(number + entries)
	return number
}

// merge makes one token of a pair wherever it stands.
func (m *merger[T]) merge(pair key, id int32) {
	s := m.pairs.find(pair)
	number := s.ref() - entries
	e := m.entries[number]
	m.release(number)
	s.setRef(merged)
	if e.many {
		slices.Sort(e.places)
		e.places = slices.Compact(e.places)
	}
	m.parallel(len(e.places), few, func(w *worker[T], _, from, to int) { w.replace(&m.words, e.places[from:to], pair, T(id)) })
	all := m.workers[0]
	for _, w := range m.workers[1:] {
		all.take(w)
	}

	for _, x := range all.touchedLeft {
		if m.tracked(x, pair.left()) {
			m.pairs.add(keyOf(x, pair.left()), -all.left[x])
		}
	}
	for _, y := range all.touchedRight {
		if m.tracked(pair.right(), y) {
			m.pairs.add(keyOf(pair.right(), y), -all.right[y])
		}
	}
	// What stands beside itself has been counted where it soon was no more, so that counts do not tell whether a pair is in other words too.
	unsure := pair.left() == pair.right()
	var search []int
	for _, x := range all.touchedLeft {
		if m.tracked(x, id) {
			m.formed(keyOf(x, id), all.left[x], unsure, &m.lefts[x], &search)
		}
	}
	for _, y := range all.touchedRight {
		if m.tracked(id, y) {
			m.formed(keyOf(id, y), all.right[y], unsure, &m.rights[y], &search)
			if y == id && m.rights[y] != 0 {
				m.lefts[y] = m.rights[y]
			}
		}
	}
	m.list(e.places, T(id))
	for _, x := range all.touchedLeft {
		all.left[x], m.lefts[x] = 0, 0
	}
	for _, y := range all.touchedRight {
		all.right[y], m.rights[y] = 0, 0
	}
	// id beside itself may be found on either side.
	m.lefts[id], m.rights[id] = 0, 0
	all.touchedLeft, all.touchedRight = all.touchedLeft[:0], all.touchedRight[:0]
	if len(search) > 0 {
		m.search(search, false)
	}
}

// formed counts a pair that stands n times where it did not. If it is above the level, it is in the heap, and either to is what its words are listed
// under, or it is to be searched in all words, as it is in others too.
func (m *merger[T]) formed(pair key, n int64, unsure bool, to *int32, search *[]int) {
	s := m.pairs.add(pair, n)
	if s == nil || !m.level.above(s.count, pair) {
		return
	}
	m.push(candidate{s.count, pair})
	switch {
	case s.ref() == low && (s.count > n || unsure && s.count < n):
		*search = append(*search, m.enter(s))
	case s.ref() < entries:
		m.listed = append(m.listed, m.enter(s))
		*to = int32(len(m.listed))
	default:
		number := s.ref() - entries
		m.entries[number].many = true
		if slices.Contains(*search, number) {
			return
		}
		m.listed = append(m.listed, number)
		*to = int32(len(m.listed))
	}
}

// replace makes one token of a pair in some words.
func (w *worker[T]) replace(words *words[T], places []uint32, pair key, id T) {
	for len(places) > 0 {
		// What many words wait for, as they lie far apart in memory, is fetched at once.
		var ahead [16][]T
		var counts [16]T
		n := min(len(places), len(ahead))
		for i, place := range places[:n] {
			part, at := words.at[place>>segmentBits], place&(segmentSize-1)
			ahead[i], counts[i] = part[at:], part[at-1]
		}
		for i, place := range places[:n] {
			count := int64(counts[i])
			if counts[i]&top[T]() != 0 {
				_, count = words.word(place)
			}
			w.replaceIn(ahead[i], count, T(pair.left()), T(pair.right()), id)
		}
		places = places[n:]
	}
}

// replaceIn makes one token of a pair in a word that occurs n times.
func (w *worker[T]) replaceIn(ids []T, n int64, left, right, id T) {
	i := 0
	for ids[i] != special[T](end) && (ids[i] != left || ids[i+1] != right) {
		i++
	}
	to := i
	for ids[i] != special[T](end) {
		if ids[i] != left || ids[i+1] != right {
			ids[to] = ids[i]
			to++
			i++
			continue
		}
		if to > 0 {
			x := int32(ids[to-1])
			if w.left[x] == 0 {
				w.touchedLeft = append(w.touchedLeft, x)
			}
			w.left[x] += n
		}
		ids[to] = id
		to++
		i += 2
		if y := ids[i]; y != special[T](end) {
			if w.right[y] == 0 {
				w.touchedRight = append(w.touchedRight, int32(y))
			}
			w.right[y] += n
		}
	}
	if to == i {
		return
	}
	ids[to] = special[T](end)
	for to++; to <= i; to++ {
		ids[to] = special[T](hole)
	}
}

// take adds what another goroutine counted, and takes it from there.
func (w *worker[T]) take(other *worker[T]) {
	for _, x := range other.touchedLeft {
		if w.left[x] == 0 {
			w.touchedLeft = append(w.touchedLeft, x)
		}
		w.left[x] += other.left[x]
		other.left[x] = 0
	}
	for _, y := range other.touchedRight {
		if w.right[y] == 0 {
			w.touchedRight = append(w.touchedRight, y)
		}
		w.right[y] += other.right[y]
		other.right[y] = 0
	}
	other.touchedLeft, other.touchedRight = other.touchedLeft[:0], other.touchedRight[:0]
}

// list writes down which of some words have the pairs that m.lefts and m.rights tell of, beside id.
func (m *merger[T]) list(places []uint32, id T) {
	if len(m.listed) == 0 {
		return
	}
	m.parallel(len(places), few, func(w *worker[T], _, from, to int) {
		for len(w.lists) < len(m.listed) {
			w.lists = append(w.lists, nil)
		}
		for _, place := range places[from:to] {
			ids, _ := m.words.word(place)
			for i := 0; ids[i] != special[T](end); i++ {
				if ids[i] != id {
					continue
				}
				if i > 0 {
					w.note(m.lefts[ids[i-1]], place)
				}
				if y := ids[i+1]; y != special[T](end) {
					w.note(m.rights[y], place)
				}
			}
		}
	})
	for i, number := range m.listed {
		e := &m.entries[number]
		for _, w := range m.workers {
			if i >= len(w.lists) || len(w.lists[i]) == 0 {
				continue
			}
			e.places = append(e.places, w.lists[i]...)
			w.lists[i] = w.lists[i][:0]
		}
	}
	m.listed = m.listed[:0]
}

func (w *worker[T]) note(list int32, place uint32) {
	if list == 0 {
		return
	}
	l := &w.lists[list-1]
	if n := len(*l); n == 0 || (*l)[n-1] != place {
		*l = append(*l, place)
	}
}

func (m *merger[T]) push(c candidate) {
	h := append(m.heap, c)
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 4
		if !h[i].before(h[up]) {
			break
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
	m.heap = h
}

func (m *merger[T]) pop() candidate {
	h := m.heap
	first, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	for i := 0; ; {
		best := i
		for down := 4*i + 1; down < min(4*i+5, len(h)); down++ {
			if h[down].before(h[best]) {
				best = down
			}
		}
		if best == i {
			break
		}
		h[i], h[best] = h[best], h[i]
		i = best
	}
	m.heap = h
	return first
}

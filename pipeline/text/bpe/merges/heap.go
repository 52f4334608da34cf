package merges

// part is a symbol of a piece while it is merged, and its neighbours, which are outside of the list at an end. One that is merged into another has
// the id -1.
type part struct{ id, before, behind int32 }

// candidate is a pair that begins at a part, and what it becomes.
type candidate struct{ rank, at, id int32 }

func (c candidate) less(d candidate) bool { return c.rank < d.rank || c.rank == d.rank && c.at < d.at }

// rule is what a pair becomes, and when; not ok if nothing.
func (t *Table) rule(left, right int32) (rank, to int32, ok bool) {
	if t.all != nil {
		r, ok := t.all[[2]int32{left, right}]
		return r.Rank, r.To, ok
	}
	to = t.pairs.find(t.symbols, left, right)
	if to < 0 {
		return 0, 0, false
	}
	return t.symbols[to].rank, to, true
}

// initial is the symbol that a text begins with and that is there before anything is merged; -1 if there is none.
func (t *Table) initial(text []byte) int32 {
	id, _ := t.trie.longest(text)
	for id >= 0 && t.symbols[id].rank != first {
		id = t.symbols[id].prefix
	}
	return id
}

// merge appends the symbols of a piece by merging, with a heap of the pairs.
func (e *Encoder) merge(dst []int32, piece []byte) (ids []int32, n int) {
	t := e.t
	e.parts, e.heap = e.parts[:0], e.heap[:0]
	for n < len(piece) {
		id := t.initial(piece[n:])
		if id < 0 {
			break
		}
		i := int32(len(e.parts))
		e.parts = append(e.parts, part{id, i - 1, i + 1})
		n += int(t.symbols[id].size)
	}
	for i := range e.parts {
		e.offer(int32(i))
	}
	for len(e.heap) > 0 {
		c := e.pop()
		left := &e.parts[c.at]
		if left.id < 0 || int(left.behind) == len(e.parts) {
			continue
		}
		right := &e.parts[left.behind]
		if _, to, ok := t.rule(left.id, right.id); !ok || to != c.id {
			continue // a part of the pair is another one by now
		}
		left.id, left.behind = c.id, right.behind
		right.id = -1
		if int(left.behind) < len(e.parts) {
			e.parts[left.behind].before = c.at
		}
		if left.before >= 0 {
			e.offer(left.before)
		}
		e.offer(c.at)
	}
	for i := int32(0); int(i) < len(e.parts); i = e.parts[i].behind {
		dst = append(dst, e.parts[i].id)
	}
	return dst, n
}

// offer puts the pair that begins at a part into the heap, if there is a rule for it.
func (e *Encoder) offer(at int32) {
	left := e.parts[at]
	if int(left.behind) == len(e.parts) {
		return
	}
	rank, to, ok := e.t.rule(left.id, e.parts[left.behind].id)
	if !ok {
		return
	}
	h := append(e.heap, candidate{rank, at, to})
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if !h[i].less(h[up]) {
			break
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
	e.heap = h
}

// pop takes the least pair out of the heap.
func (e *Encoder) pop() candidate {
	h := e.heap
	least, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	for i := 0; ; {
		down := 2*i + 1
		if down+1 < len(h) && h[down+1].less(h[down]) {
			down++
		}
		if down >= len(h) || !h[down].less(h[i]) {
			break
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
	e.heap = h
	return least
}

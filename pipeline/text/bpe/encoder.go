package bpe

import "slices"

// Encoder cuts texts, one after the other, for one goroutine.
type Encoder struct {
	t     *Tokenizer
	dst   []int32
	piece func(piece []byte) // cuts a piece by all splits, and merges what they make

	raw, added *added // tokens that are sought in the text, and in the normalized one

	// The parts of a piece while they are merged, as a list, and a heap of the pairs that may be merged.
	parts []symbol
	heap  []candidate
}

// symbol is a part of a piece: a token, and its neighbours, which are outside of the list at an end. A part that is merged into another has
// the id -1.
type symbol struct{ id, before, behind int32 }

// candidate is a pair that begins at a part, and what it becomes.
type candidate struct{ rank, at, id int32 }

func (c candidate) less(d candidate) bool { return c.rank < d.rank || c.rank == d.rank && c.at < d.at }

// Encoder makes what cuts by the tokenizer. It looks for added tokens in a text, as the library does.
func (t *Tokenizer) Encoder() *Encoder { return t.encoder(t.raw.all, t.normal.all) }

// Ordinary makes an Encoder that takes special tokens in a text for text. It still looks for added tokens that are not special.
func (t *Tokenizer) Ordinary() *Encoder { return t.encoder(t.raw.ordinary, t.normal.ordinary) }

func (t *Tokenizer) encoder(raw, normal *added) *Encoder {
	e := &Encoder{t: t, raw: raw, added: normal}
	e.piece = e.merge
	for _, split := range slices.Backward(t.splits) {
		then := e.piece
		e.piece = func(piece []byte) { split(piece, then) }
	}
	return e
}

// Encode appends the ids of the tokens of a text, which is valid UTF-8, to dst.
func (e *Encoder) Encode(dst []int32, text []byte) []int32 {
	e.dst = dst
	for len(text) > 0 {
		from, to, id, ok := e.raw.next(text)
		if !ok {
			e.normal(e.t.normalize(text))
			break
		}
		e.normal(e.t.normalize(text[:from]))
		e.dst = append(e.dst, id)
		text = text[to:]
	}
	dst, e.dst = e.dst, nil
	return dst
}

// normal cuts a normalized text.
func (e *Encoder) normal(text []byte) {
	for len(text) > 0 {
		from, to, id, ok := e.added.next(text)
		if !ok {
			e.piece(text)
			return
		}
		if from > 0 {
			e.piece(text[:from])
		}
		e.dst = append(e.dst, id)
		text = text[to:]
	}
}

// merge appends the tokens of a piece: of the pairs of parts that stand next to each other that of the least rank, of several the first, becomes
// one part, again and again.
func (e *Encoder) merge(piece []byte) {
	if len(piece) == 0 {
		return
	}
	if e.t.ignoreMerges {
		if id, ok := e.t.ids[string(piece)]; ok {
			e.dst = append(e.dst, id)
			return
		}
	}
	e.parts, e.heap = e.parts[:0], e.heap[:0]
	for i, b := range piece {
		e.parts = append(e.parts, symbol{e.t.bytes[b], int32(i - 1), int32(i + 1)})
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
		if m, ok := e.t.merges[pair{left.id, right.id}]; !ok || m.id != c.id {
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
		e.dst = append(e.dst, e.parts[i].id)
	}
}

// offer puts the pair that begins at a part into the heap, if there is a merge of it.
func (e *Encoder) offer(at int32) {
	left := e.parts[at]
	if int(left.behind) == len(e.parts) {
		return
	}
	m, ok := e.t.merges[pair{left.id, e.parts[left.behind].id}]
	if !ok {
		return
	}
	h := append(e.heap, candidate{m.rank, at, m.id})
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

package unigram

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// keep keeps so many pieces, those of the greatest losses; all that have to stay, and none that can go.
func (r *training) keep(p *pieces, losses []float64, most int) {
	var order []int
	kept := r.next()
	for i, loss := range losses {
		switch {
		case math.IsInf(loss, 1):
			kept.keep(p, i, p.score[i])
		case loss != -1:
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(losses[b], losses[a]), cmp.Compare(a, b)) })
	for _, i := range order {
		if kept.len() >= most {
			break
		}
		kept.keep(p, i, p.score[i])
	}
	r.become(p, kept)
}

// remaining are the pieces that there will be, and what number each had.
type remaining struct {
	pieces
	were []int32
}

func (r *training) next() *remaining { return &remaining{pieces: pieces{r: r}} }

// keep takes over a piece.
func (k *remaining) keep(p *pieces, i int, score float64) {
	k.add(p.from[i], p.size[i], score)
	k.were = append(k.were, int32(i))
}

// become numbers the pieces anew.
func (r *training) become(p *pieces, k *remaining) {
	next := make([]int32, p.len())
	for i := range next {
		next[i] = -1
	}
	for i, was := range k.were {
		next[was] = int32(i)
	}
	for i, id := range r.now {
		if id >= 0 {
			r.now[i] = next[id]
		}
	}
	r.pending = next
	*p = k.pieces
}

// setTrie makes the trie of the pieces that there are.
func (r *training) setTrie(p *pieces) {
	r.trie, r.now = p.build(), make([]int32, p.len())
	for i := range r.now {
		r.now[i] = int32(i)
	}
}

// count cuts the segments by the finished model, and counts its pieces.
func (r *training) count(ctx context.Context, m *Model) error {
	symbols := make(map[rune]int32, len(r.runes))
	for i, c := range r.runes[1:] {
		symbols[c] = int32(i + 1)
	}
	p, ids := &pieces{r: r}, []int(nil)
	of := map[string]int{}
	for id, piece := range m.Pieces {
		of[piece.Text] = id
		if piece.Type != Normal {
			continue
		}
		from := len(r.symbols) // behind all segments, where only these are
		for _, c := range piece.Text {
			r.symbols = append(r.symbols, symbols[c])
		}
		if slices.Contains(r.symbols[from:], 0) {
			r.symbols = r.symbols[:from] // one of characters that are not there
			continue
		}
		p.add(uint32(from), uint8(len(r.symbols)-from), float64(piece.Score))
		ids = append(ids, id)
	}
	r.setTrie(p)
	clear(r.blocks)
	r.room.Store(0) // there is no pass behind this one
	unknown := p.unknown()
	counts, err := r.eachSegment(ctx, p, func(l *lattice, counts []int64, i int) {
		times := r.counts[i]
		l.viterbi(len(l.first)-1, unknown, true, func(piece int32) { counts[piece] += times })
	})
	if err != nil {
		return err
	}
	for i, n := range counts {
		m.Pieces[ids[i]].Count = n
	}
	for c, n := range r.rare {
		if !m.ByteFallback {
			m.Pieces[m.unknown()].Count += n
			continue
		}
		for _, b := range []byte(string(c)) {
			m.Pieces[of[fmt.Sprintf("<0x%02X>", b)]].Count += n
		}
	}
	return nil
}

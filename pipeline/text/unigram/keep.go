package unigram

import (
	"cmp"
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

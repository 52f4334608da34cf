package unigram

import (
	"context"
	"sync"
	"sync/atomic"
)

// block is how many segments, or pieces, a goroutine takes at a time.
const block = 1 << 10

// mostSpans is how many pieces at places of segments are remembered, at 4 bytes each: to look for them costs more than all else. It decides nothing.
const mostSpans = 64 << 20

// spans are the pieces at the places of a block of segments, for the next pass.
type spans struct {
	known  bool
	counts []uint8 // how many at each place
	ids    []int32 // the first is that of one symbol; -1: there is none
}

// each calls f with all numbers below n, in goroutines, each of which has its own lattice and counts, which are whole numbers: their sum does not
// depend on who counted what. Of segments the lattice is filled.
func (r *training) each(ctx context.Context, p *pieces, n int, segments bool, f func(l *lattice, counts []int64, i int)) ([]int64, error) {
	if segments && r.blocks == nil {
		r.blocks = make([]spans, n/block+1)
		r.room.Store(mostSpans)
	}
	all := make([][]int64, min(r.procs, n/block+1))
	var at atomic.Int64
	var wg sync.WaitGroup
	for g := range all {
		wg.Go(func() {
			l, counts := &lattice{p: p, trie: r.trie, now: r.now}, make([]int64, p.len())
			for ctx.Err() == nil {
				from := int(at.Add(block)) - block
				if from >= n {
					break
				}
				to := min(from+block, n)
				if segments {
					r.eachOf(l, from, to, func(i int) { f(l, counts, i) })
					continue
				}
				for i := from; i < to; i++ {
					f(l, counts, i)
				}
			}
			all[g] = counts
		})
	}
	wg.Wait()
	for _, counts := range all[1:] {
		for i, n := range counts {
			all[0][i] += n
		}
	}
	return all[0], ctx.Err()
}

// eachSegment calls f with a lattice of each segment.
func (r *training) eachSegment(ctx context.Context, p *pieces, f func(l *lattice, counts []int64, i int)) ([]int64, error) {
	counts, err := r.each(ctx, p, len(r.counts), true, f)
	r.pending = nil
	return counts, err
}

// eachOf calls f for the segments of a block, with what the last pass knew of them, or with what is found, which is remembered if there is room.
func (r *training) eachOf(l *lattice, from, to int, f func(i int)) {
	b := &r.blocks[from/block]
	if !b.known {
		keep := r.room.Load() > 0
		for i := from; i < to; i++ {
			l.set(r.segment(i))
			if keep {
				b.remember(l)
			}
			f(i)
		}
		if n := int64(cap(b.ids)); keep && r.room.Add(-n) >= 0 {
			b.known = true
		} else if keep {
			r.room.Add(n)
			*b = spans{}
		}
		return
	}
	place, id, write := 0, 0, 0
	for i := from; i < to; i++ {
		l.first, l.spans = l.first[:0], l.spans[:0]
		for range r.segment(i) {
			l.first = append(l.first, int32(len(l.spans)))
			for k, n := 0, int(b.counts[place]); k < n; k++ {
				was := b.ids[id]
				id++
				if was >= 0 && r.pending != nil {
					was = r.pending[was]
				}
				size := int32(1)
				if k > 0 {
					if was < 0 {
						b.counts[place]--
						continue
					}
					size = int32(l.p.size[was])
				}
				b.ids[write] = was
				write++
				l.spans = append(l.spans, span{was, size})
			}
			place++
		}
		l.first = append(l.first, int32(len(l.spans)))
		f(i)
	}
	b.ids = b.ids[:write]
	if 2*write < cap(b.ids) {
		r.room.Add(int64(cap(b.ids) - write))
		b.ids = append(make([]int32, 0, write), b.ids...)
	}
}

// remember adds what is in a lattice.
func (b *spans) remember(l *lattice) {
	for i := range len(l.first) - 1 {
		b.counts = append(b.counts, uint8(l.first[i+1]-l.first[i]))
		for _, s := range l.spans[l.first[i]:l.first[i+1]] {
			b.ids = append(b.ids, s.piece)
		}
	}
}

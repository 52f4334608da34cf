package unigram

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// pieces are those of a model while it is trained: places in the symbols of all segments.
type pieces struct {
	r     *training
	from  []uint32
	size  []uint8
	score []float64 // natural logarithms of probabilities
}

func (p *pieces) len() int              { return len(p.from) }
func (p *pieces) symbols(i int) []int32 { return p.r.symbols[p.from[i] : p.from[i]+uint32(p.size[i])] }

func (p *pieces) add(from uint32, size uint8, score float64) {
	p.from, p.size, p.score = append(p.from, from), append(p.size, size), append(p.score, score)
}

// suffix is a place in the symbols, and the segment that it is in.
type suffix struct{ at, segment uint32 }

// seed is a piece that might be, and how often it is there.
type seed struct {
	from  uint32
	size  uint8
	count int64
}

// mostSuffixes is how many places are sorted at a time, so that memory does not grow with them. It decides no seed.
const mostSuffixes = 16 << 20

// seeds are all characters, and of the runs of characters that are there more than once, and are not always followed by one and the same, those with
// the greatest count times length.
func (r *training) seeds(ctx context.Context) (*pieces, error) {
	first := make([]int, len(r.runes)) // places by their symbol
	for _, s := range r.symbols {
		first[s]++
	}
	var best []seed
	for low := 1; low < len(first); {
		n, high := first[low], low+1
		for high < len(first) && n+first[high] <= mostSuffixes {
			n += first[high]
			high++
		}
		list, err := r.seedsOf(ctx, low, high, first[low:high])
		if err != nil {
			return nil, err
		}
		best = r.bestSeeds(append(best, list...))
		low = high
	}
	p := &pieces{r: r}
	where := make([]uint32, len(r.runes))
	for i, s := range r.symbols {
		where[s] = uint32(i)
	}
	sum := 0.0
	for s := 1; s < len(r.runes); s++ {
		p.add(where[s], 1, float64(r.freq[s]))
		sum += float64(r.freq[s])
	}
	for _, s := range best {
		score := float64(s.count * int64(s.size))
		p.add(s.from, s.size, score)
		sum += score
	}
	all := ln(sum)
	for i := range p.score {
		p.score[i] = ln(p.score[i]) - all
	}
	return p, nil
}

// seedsOf are the best of those that begin with the symbols from low to high.
func (r *training) seedsOf(ctx context.Context, low, high int, counts []int) ([]seed, error) {
	ends := make([]int, len(counts)+1)
	for i, n := range counts {
		ends[i+1] = ends[i] + n
	}
	next := slices.Clone(ends)
	all := make([]suffix, ends[len(counts)])
	for i := range r.counts {
		for j, s := range r.segment(i) {
			if b := int(s) - low; b >= 0 && int(s) < high {
				all[next[b]] = suffix{r.starts[i] + uint32(j), uint32(i)}
				next[b]++
			}
		}
	}
	var at atomic.Int64
	var wg sync.WaitGroup
	found := make([][]seed, r.procs)
	for g := range found {
		wg.Go(func() {
			f := finder{r: r, longest: r.o.MaxPieceLength}
			for ctx.Err() == nil {
				b := int(at.Add(1)) - 1
				if b >= len(counts) {
					break
				}
				f.grow(all[ends[b]:ends[b+1]], 1)
			}
			found[g] = f.found
		})
	}
	wg.Wait()
	return slices.Concat(found...), ctx.Err()
}

// finder looks for seeds, for one goroutine.
type finder struct {
	r       *training
	longest int
	found   []seed
}

// grow takes the places where the same symbols begin, depth of them, and looks for what is longer.
func (f *finder) grow(group []suffix, depth int) {
	r := f.r
	if len(group) == 1 {
		// What is there several times is so in equal segments: the longest that it can be goes to their end.
		s := group[0]
		if n := int(r.starts[s.segment+1]-1) - int(s.at); n > 1 && n <= f.longest && n >= depth && r.counts[s.segment] > 1 {
			f.add(s.at, n, r.counts[s.segment])
		}
		return
	}
	if depth > f.longest {
		return
	}
	symbol := func(s suffix) int32 { return r.symbols[int(s.at)+depth] }
	slices.SortFunc(group, func(a, b suffix) int { return cmp.Compare(symbol(a), symbol(b)) })
	all := int64(0)
	for _, s := range group {
		all += r.counts[s.segment]
	}
	if depth > 1 && (symbol(group[0]) != symbol(group[len(group)-1]) || symbol(group[0]) == 0) {
		f.add(group[0].at, depth, all)
	}
	for from := 0; from < len(group); {
		to := from + 1
		for to < len(group) && symbol(group[to]) == symbol(group[from]) {
			to++
		}
		if symbol(group[from]) != 0 {
			f.grow(group[from:to], depth+1)
		}
		from = to
	}
}

func (f *finder) add(at uint32, size int, count int64) {
	f.found = append(f.found, seed{at, uint8(size), count})
	if len(f.found) >= 2*f.r.o.SeedSize+1<<10 {
		f.found = f.r.bestSeeds(f.found)
	}
}

// bestSeeds keeps the best ones, and puts them in order. All are different.
func (r *training) bestSeeds(list []seed) []seed {
	slices.SortFunc(list, func(a, b seed) int {
		if c := cmp.Compare(b.count*int64(b.size), a.count*int64(a.size)); c != 0 {
			return c
		}
		// By their characters.
		for i := range min(a.size, b.size) {
			if c := cmp.Compare(r.runes[r.symbols[a.from+uint32(i)]], r.runes[r.symbols[b.from+uint32(i)]]); c != 0 {
				return c
			}
		}
		return cmp.Compare(a.size, b.size)
	})
	return list[:min(len(list), r.o.SeedSize)]
}

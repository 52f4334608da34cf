package contamination

import "math/bits"

// Weights say how much each n-gram of an index tells. They are never changed, and safe for concurrent use.
type Weights struct {
	index *Index
	grams []uint32 // millionths, by entry
}

// Weigh makes weights of what was counted, by inverse document frequency: an n-gram that stands in n of d documents weighs log((d+1)/n) / log(d+1), one
// of none or one weighs 1, and one that stands in more than MostDocuments weighs nothing. Without a counter (nil) all weigh 1.
func (x *Index) Weigh(c *Counter) (*Weights, error) {
	w := &Weights{index: x, grams: make([]uint32, x.entries())}
	if c == nil {
		for i := range w.grams {
			w.grams[i] = million
		}
		return w, nil
	}
	if c.index.digest != x.digest {
		return nil, errOtherIndex
	}
	all := log2(uint64(c.documents) + 1)
	for i, n := range c.counts {
		switch {
		case n <= 1:
			w.grams[i] = million
		case int64(n) <= x.options.MostDocuments:
			w.grams[i] = uint32(max(1, million*(all-log2(uint64(n)))/all))
		}
	}
	return w, nil
}

// logBits is how many binary places log2 has.
const logBits = 16

// log2 is the logarithm of n, which is at least 1, in units of 2^-logBits, rounded down: by squaring, without floats, so that it is the same everywhere.
func log2(n uint64) int64 {
	whole := bits.Len64(n) - 1
	x := n << (63 - whole) // from 1 to under 2, with 63 binary places
	result := int64(whole)
	for range logBits {
		hi, lo := bits.Mul64(x, x) // 126 binary places
		result <<= 1
		if hi>>63 != 0 {
			result |= 1
			x = hi
		} else {
			x = hi<<1 | lo>>63
		}
	}
	return result
}

// Boilerplate returns the items that no document can be found to have, for all n-grams that they are found by are boilerplate, ascending.
func (w *Weights) Boilerplate() (items []int) {
	x := w.index
	g := newGrams(x.options.need(), x.powers)
	tells := func(p *part) bool {
		if p.whole >= 0 {
			return w.grams[len(x.grams.hashes)+int(p.whole)] > 0
		}
		for g.over(x.of(p.stretch)); g.next(); {
			if w.grams[x.grams.find(g.hash)] > 0 {
				return true
			}
		}
		return false
	}
	for i := 0; i < len(x.parts); { // those of an item stand together
		item, found := x.parts[i].item, false
		for ; i < len(x.parts) && x.parts[i].item == item; i++ {
			found = found || tells(&x.parts[i])
		}
		if !found {
			items = append(items, int(item))
		}
	}
	return items
}

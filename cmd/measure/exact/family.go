package exact

import (
	"math/bits"

	"github.com/millrace/millrace/stages/dedupe"
)

// Family says which of some texts stay that have most of their characters in common: it compares every one with every kept one
// before it. Shingles that several texts have are bits.
func Family(cfg dedupe.Config, texts []string) (stays []bool) {
	s := dedupe.NewShingler(cfg)
	sets := make([][]uint64, len(texts))
	counts := map[uint64]int{}
	for i, t := range texts {
		sets[i] = s.Set(nil, []byte(t))
		for _, h := range sets[i] {
			counts[h]++
		}
	}
	bit := map[uint64]int{}
	var kept [][]uint64
	var sizes []int
	stays = make([]bool, len(texts))
	for i, set := range sets {
		var mask []uint64
		for _, h := range set {
			if counts[h] < 2 {
				continue
			}
			b, ok := bit[h]
			if !ok {
				b = len(bit)
				bit[h] = b
			}
			for len(mask) <= b/64 {
				mask = append(mask, 0)
			}
			mask[b/64] |= 1 << (b % 64)
		}
		stays[i] = true
		for k, other := range kept {
			shared := 0
			for n := range min(len(mask), len(other)) {
				shared += bits.OnesCount64(mask[n] & other[n])
			}
			if float64(shared)/float64(len(set)+sizes[k]-shared) >= cfg.Threshold {
				stays[i] = false
				break
			}
		}
		if stays[i] {
			kept, sizes = append(kept, mask), append(sizes, len(set))
		}
	}
	return stays
}

package sorted

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSortIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		mask := rapid.SampledFrom([]uint64{math.MaxUint64, 0xFF, 0xF << 60, 1<<63 | 1<<40 | 1<<39 | 3, 0}).Draw(t, "mask")
		var s Sorter[uint32]
		for range 2 { // the second time in the memory of the first
			s.Items = s.Items[:0]
			for i := range r.IntN(20000) {
				s.Items = append(s.Items, Item[uint32]{r.Uint64() & mask, uint32(i)})
			}
			want := sortedByKey(s.Items)
			if s.Sort(); !slices.Equal(want, s.Items) {
				t.Fatalf("%d items are not in order", len(want))
			}
		}
	})
}

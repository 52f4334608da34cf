package dedupe

import (
	"cmp"
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
		var s keySorter
		for range 2 { // the second time in the memory of the first
			s.entries = s.entries[:0]
			for i := range r.IntN(20000) {
				s.entries = append(s.entries, keyEntry{r.Uint64() & mask, uint32(i)})
			}
			want := slices.Clone(s.entries)
			slices.SortStableFunc(want, func(a, b keyEntry) int { return cmp.Compare(a.key, b.key) })
			if s.sort(); !slices.Equal(want, s.entries) {
				t.Fatalf("%d entries are not in order", len(want))
			}
		}
	})
}

// sliceSource gives a slice, a few items at a time.
type sliceSource struct {
	items []item[int]
	step  int
}

func (s *sliceSource) fill(items []item[int]) ([]item[int], error) {
	n := min(s.step, len(s.items))
	items = append(items, s.items[:n]...)
	s.items = s.items[n:]
	return items, nil
}

func TestMergeIsAStableSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sources []source[int]
		var want []item[int]
		for range rapid.IntRange(0, 17).Draw(t, "streams") {
			keys := rapid.SliceOf(rapid.OneOf(rapid.Uint64Range(0, 9), rapid.Just(uint64(math.MaxUint64)))).Draw(t, "keys")
			slices.Sort(keys)
			var items []item[int]
			for _, k := range keys {
				items = append(items, item[int]{k, len(want) + len(items)})
			}
			want = append(want, items...)
			sources = append(sources, &sliceSource{items, rapid.IntRange(1, 4).Draw(t, "step")})
		}
		slices.SortStableFunc(want, func(a, b item[int]) int { return cmp.Compare(a.key, b.key) })
		var got []item[int]
		m := newMerge(sources)
		for m.next() {
			got = append(got, m.item)
		}
		if m.next() || m.err != nil || !slices.Equal(want, got) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

package sorted

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// sliceSource gives a slice, a few items at a time, and then an error if it has one.
type sliceSource struct {
	items []Item[int]
	step  int
	err   error
}

func (s *sliceSource) Fill(items []Item[int]) ([]Item[int], error) {
	n := min(s.step, len(s.items))
	if n == 0 {
		return nil, s.err
	}
	items = append(items, s.items[:n]...)
	s.items = s.items[n:]
	return items, nil
}

func TestMergeIsAStableSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sources []Source[int]
		var want []Item[int]
		for range rapid.IntRange(0, 17).Draw(t, "streams") {
			keys := rapid.SliceOf(rapid.OneOf(rapid.Uint64Range(0, 9), rapid.Just(uint64(math.MaxUint64)))).Draw(t, "keys")
			slices.Sort(keys)
			var items []Item[int]
			for _, k := range keys {
				items = append(items, Item[int]{k, len(want) + len(items)})
			}
			want = append(want, items...)
			sources = append(sources, &sliceSource{items: items, step: rapid.IntRange(1, 4).Draw(t, "step")})
		}
		slices.SortStableFunc(want, byKey)
		var got []Item[int]
		m := NewMerge(sources)
		for m.Next() {
			got = append(got, m.Item)
		}
		if m.Next() || m.Err() != nil || !slices.Equal(want, got) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// The error of a source ends the merge, wherever the source is and however long the others are.
func TestMergeEndsWithAnError(t *testing.T) {
	broken := errors.New("broken")
	for i := range 3 {
		sources := []Source[int]{
			&sliceSource{items: []Item[int]{{1, 0}, {4, 0}}, step: 1}, &sliceSource{items: []Item[int]{{2, 0}, {5, 0}}, step: 1},
			&sliceSource{items: []Item[int]{{3, 0}, {6, 0}}, step: 1},
		}
		sources[i].(*sliceSource).err = broken
		m := NewMerge(sources)
		n := 0
		for m.Next() {
			n++
		}
		if !errors.Is(m.Err(), broken) || m.Next() || n < 4+i-1 || n > 4+i {
			t.Errorf("source %d: %d items, %v", i, n, m.Err())
		}
	}
}

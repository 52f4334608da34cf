package dedupe

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Whatever is added is taken, in order, each once in what is taken together; the list keeps within its room.
func TestPairList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(2, 50).Draw(t, "most")
		l := &pairList{most: most}
		var added, taken []pair
		take := func() {
			some := l.take()
			if !slices.IsSortedFunc(some, pair.compare) || len(slices.Compact(slices.Clone(some))) != len(some) {
				t.Fatalf("taken: %v", some)
			}
			taken = append(taken, some...)
		}
		for range rapid.IntRange(0, 300).Draw(t, "pairs") {
			p := pair{
				ref{rapid.Uint64Range(0, 9).Draw(t, "later"), 3},
				ref{rapid.Uint64Range(0, 3).Draw(t, "earlier"), rapid.Uint32Range(1, 2).Draw(t, "version")},
			}
			added = append(added, p)
			if l.add(p) {
				take()
			}
			if len(l.pairs) > most {
				t.Fatalf("%d pairs in a list of %d", len(l.pairs), most)
			}
		}
		take()
		for _, list := range []*[]pair{&added, &taken} {
			slices.SortFunc(*list, pair.compare)
			*list = slices.Compact(*list)
		}
		if !slices.Equal(added, taken) {
			t.Errorf("added %v, taken %v", added, taken)
		}
	})
}

package release

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
)

// Every place is in exactly one partition of its split, and partitions ascend as places do: whatever the cuts.
func TestPartition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := splitOf{First: rapid.IntRange(0, 9).Draw(t, "first"), Partitions: rapid.IntRange(1, 40).Draw(t, "partitions")}
		number := rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 5), rapid.Just(^uint64(0)))
		drawn := rapid.Custom(func(t *rapid.T) place { return place{number.Draw(t, "major"), number.Draw(t, "minor")} })
		if rapid.Bool().Draw(t, "cut") {
			s.Cuts = rapid.SliceOfN(drawn, s.Partitions-1, s.Partitions-1).Draw(t, "cuts")
			slices.SortFunc(s.Cuts, place.compare)
			if s.Cuts == nil {
				s.Cuts = []place{}
			}
		}
		places := append(rapid.SliceOf(drawn).Draw(t, "places"), s.Cuts...)
		slices.SortFunc(places, place.compare)
		last := s.First
		for _, p := range places {
			at := s.partition(p)
			if at < last || at >= s.First+s.Partitions {
				t.Fatalf("%v is in partition %d, the one before is in %d, and there are %d from %d on", p, at, last, s.Partitions, s.First)
			}
			if k := at - s.First; s.Cuts != nil && (k > 0 && p.compare(s.Cuts[k-1]) < 0 || k < len(s.Cuts) && p.compare(s.Cuts[k]) >= 0) {
				t.Fatalf("%v is in partition %d, which lies between other cuts of %v", p, at, s.Cuts)
			}
			last = at
		}
	})
}

// Places are in the order that a recipe asks for, and copies of a document have a first one.
func TestPlaceOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 6).Draw(t, "rows")
		r := &rows{id: idsOf(n), order: rapid.SliceOfN(rapid.Int64(), n, n).Draw(t, "order")}
		o := &recipe.Order{
			How: rapid.SampledFrom([]string{recipe.OrderShuffle, recipe.OrderCorpus, recipe.OrderSignal}).Draw(t, "how"), Seed: rapid.Uint64().Draw(t, "seed"),
			Descending: rapid.Bool().Draw(t, "descending"),
		}
		copies := rapid.IntRange(1, 9).Draw(t, "copies")
		w := &writing{body: &body{Recipe: recipe.Recipe{Order: *o}}}
		for i := range n {
			var of []numbered
			for c := range copies {
				of = append(of, numbered{place: placeOf(o, 3, r, i, c), id: r.id[i], copy: c})
			}
			slices.SortFunc(of, func(a, b numbered) int { return a.compare(&b) })
			for k := range of {
				if first := w.first(&record{id: r.id[i], copy: of[k].copy, copies: copies}); first != (k == 0) {
					t.Fatalf("%s: copy %d of %v stands at %d, and is the first: %v", o.How, of[k].copy, of, k, first)
				}
			}
			if i == 0 {
				continue
			}
			got, want := placeOf(o, 3, r, i-1, 0).compare(placeOf(o, 3, r, i, 0)), 0
			switch {
			case o.How == recipe.OrderCorpus:
				want = -1
			case o.How == recipe.OrderSignal && r.order[i-1] != r.order[i]:
				if want = -1; (r.order[i-1] > r.order[i]) != o.Descending {
					want = 1
				}
			}
			if want != 0 && got != want {
				t.Errorf("%+v: places of %d and %d: %d", o, r.order[i-1], r.order[i], got)
			}
		}
		if of := placeOf(&recipe.Order{How: recipe.OrderCorpus}, 4, r, 0, 0); of.compare(placeOf(&recipe.Order{How: recipe.OrderCorpus}, 3, r, n-1, 0)) <= 0 {
			t.Error("a task does not stand behind the one before")
		}
	})
}

// idsOf are some ids, all different.
func idsOf(n int) (ids [][16]byte) {
	for i := range n {
		ids = append(ids, [16]byte{byte(i * 37), byte(i >> 8), 15: byte(i)})
	}
	return ids
}

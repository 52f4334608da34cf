package shingle

import (
	"math/rand/v2"
	"testing"
)

// A family counts what its members have in common as sets do, whatever is rare or frequent among them.
func TestFamilyCountsSets(t *testing.T) {
	r := rand.New(rand.NewPCG(62, 63))
	f := NewFamily()
	var sets []map[uint64]bool
	for n := range 300 {
		set := map[uint64]bool{}
		for range 1 + r.IntN(200) {
			set[1+uint64(r.ExpFloat64()*100)] = true
		}
		var list []uint64
		for h := range set {
			list = append(list, h*0x9E3779B97F4A7C15)
		}
		f.Look(list)
		for place, other := range sets {
			shared := uint32(0)
			for h := range set {
				if other[h] {
					shared++
				}
			}
			want := Overlap{shared, uint32(len(set)+len(other)) - shared}
			with := make([]uint64, place/64+1)
			with[place/64] = 1 << (place % 64)
			found, o, compared := f.Find(with, 1e-9, 10)
			if found < 0 && shared > 0 || found >= 0 && (found != place || o != want) || compared != 1 {
				t.Fatalf("member %d and document %d: %d, %v, want %v", place, n, found, o, want)
			}
		}
		f.Add(list)
		sets = append(sets, set)
	}
	if f.common == 0 || len(f.rare) == 0 {
		t.Error("the sets are wrong for this test")
	}
}

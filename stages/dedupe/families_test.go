package dedupe

import (
	"math/rand/v2"
	"testing"
)

// Families that are forgotten for others are those that were asked for least lately; a document that comes back to one is
// counted, and a new one begins.
func TestForgottenFamilies(t *testing.T) {
	r := rand.New(rand.NewPCG(60, 61))
	c := &comparer{earlier: map[ref][]uint64{}}
	f := newFamilies(Default(), c, 9)
	f.room = 1 << 20
	document := func(number, key uint64, set []uint64) loss {
		d := ref{number, 8}
		c.earlier = map[ref][]uint64{d: set}
		l, lost, err := f.find([]uint64{key}, d)
		if err == nil {
			err = f.join([]uint64{key}, d, l.ref, lost)
		}
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	random := func(n int) []uint64 {
		set := make([]uint64, n)
		for i := range set {
			set[i] = r.Uint64() | 1
		}
		return set
	}
	const keys = 40
	first := random(4000)
	document(0, 0, first)
	for key := uint64(1); key < keys; key++ {
		document(key, key, random(4000))
		if l := document(1000+key, 0, first); l.number != 0 || l.score != 1_000_000 {
			t.Fatalf("behind %d others: %+v", key, l)
		}
		if f.bytes > f.room {
			t.Fatalf("%d bytes are held", f.bytes)
		}
	}
	sum := 0
	for _, family := range f.list {
		sum += family.bytes()
	}
	if sum != f.bytes || len(f.list) >= keys || f.overflows != 0 {
		t.Errorf("%d families of %d bytes, counted as %d; overflows %d", len(f.list), sum, f.bytes, f.overflows)
	}
	document(2000, 1, random(4000))
	if f.overflows != 1 {
		t.Errorf("a document of a family that was forgotten: overflows %d", f.overflows)
	}
}

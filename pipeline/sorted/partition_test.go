package sorted

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Partitions follow each other, from the least key to the greatest, and a key is in the one whose range has it.
func TestPartitionsCoverTheKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 1<<20).Draw(t, "n")
		p := rapid.IntRange(0, n-1).Draw(t, "p")
		least, most := KeyRange(p, n)
		if Partition(least, n) != p || Partition(most, n) != p {
			t.Fatalf("%d of %d: %x is in %d, %x in %d", p, n, least, Partition(least, n), most, Partition(most, n))
		}
		if (p == 0) != (least == 0) || (p == n-1) != (most == math.MaxUint64) {
			t.Fatalf("%d of %d is from %x to %x", p, n, least, most)
		}
		if p+1 < n {
			if next, _ := KeyRange(p+1, n); next != most+1 {
				t.Fatalf("%d of %d ends with %x, the next begins with %x", p, n, most, next)
			}
		}
	})
}

func TestPartitionsAscend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5000).Draw(t, "partitions")
		a, b := rapid.Uint64().Draw(t, "a"), rapid.Uint64().Draw(t, "b")
		p, q := Partition(min(a, b), n), Partition(max(a, b), n)
		if p < 0 || p > q || q >= n || Partition(0, n) != 0 || Partition(math.MaxUint64, n) != n-1 {
			t.Fatalf("keys %x and %x are in partitions %d and %d of %d", min(a, b), max(a, b), p, q, n)
		}
	})
}

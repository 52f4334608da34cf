package ingest

import (
	"testing"

	"pgregory.net/rapid"
)

// nightly adds runs of the given sizes, one a night, merging as a run would, and returns what each night leaves.
func nightly(sizes []int64, each func(runs []IndexRun, written int64)) {
	var runs []IndexRun
	for _, n := range sizes {
		written := int64(0)
		if k := TierMerge(runs); k > 0 {
			from := len(runs) - k
			for _, r := range runs[from:] {
				written += r.Entries
			}
			runs = append(runs[:from:from], IndexRun{Entries: written})
		}
		runs = append(runs, IndexRun{Entries: n})
		each(runs, written)
	}
}

func TestTierMergeOfEqualNights(t *testing.T) {
	const nights, size = 4096, 100_000
	sizes := make([]int64, nights)
	for i := range sizes {
		sizes[i] = size
	}
	most, all, at30 := 0, int64(0), 0
	nightly(sizes, func(runs []IndexRun, written int64) {
		most = max(most, len(runs))
		all += written
		if at30++; at30 == 30 && len(runs) > 8 {
			t.Errorf("%d runs after 30 nights", len(runs))
		}
	})
	if most > 19 || all > 6*nights*size {
		t.Errorf("%d runs at most, %d entries written again", most, all)
	}
}

// Whatever the nights bring, the runs stay few: three a tier in all, and the newest.
func TestTierMergeBoundsTheRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.Int64Range(0, 1<<24), 0, 300).Draw(t, "sizes")
		nightly(sizes, func(runs []IndexRun, _ int64) {
			largest := 0
			for _, r := range runs {
				largest = max(largest, tierOf(r.Entries))
			}
			if most := (tierWidth-1)*(largest+1) + 1; len(runs) > most {
				t.Fatalf("%d runs up to tier %d", len(runs), largest)
			}
		})
	})
}

func TestTierOf(t *testing.T) {
	for n, want := range map[int64]int{
		0: 0, 1: 0, tierEntries: 0, tierEntries + 1: 1, 4*tierEntries + 1: 2, 4 * tierEntries: 1, 16 * tierEntries: 2, 16*tierEntries + 1: 3,
	} {
		if got := tierOf(n); got != want {
			t.Errorf("%d: tier %d, not %d", n, got, want)
		}
	}
}

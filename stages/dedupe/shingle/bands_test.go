package shingle

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/millrace/millrace/pipeline/columnar"
)

// thresholds are .50 to .95 by .01.
func thresholds(do func(t float64)) {
	for i := 50; i <= 95; i++ {
		do(float64(i) / 100)
	}
}

func TestBandsFollowTheThreshold(t *testing.T) {
	last := 256
	thresholds(func(threshold float64) {
		count, slots := Bands(threshold)
		if p := found(threshold+.05, slots); p < .99 {
			t.Errorf("threshold %.2f: %d bands of %d slots find %.4f", threshold, count, slots, p)
		}
		if count > last || count*slots > slotCount {
			t.Errorf("threshold %.2f: %d bands of %d slots", threshold, count, slots)
		}
		last = count
	})
	for threshold, want := range map[float64]string{.5: "64x4", .6: "51x5", .65: "42x6", .7: "36x7", .75: "32x8", .95: "32x8", 1: "32x8"} {
		count, slots := Bands(threshold)
		if got := fmt.Sprintf("%dx%d", count, slots); got != want {
			t.Errorf("threshold %v: %s, want %s", threshold, got, want)
		}
	}
}

// Pairs of texts whose resemblance is that of the threshold and .05 share a key as often as was computed: slots of one sketch
// behave as if they were independent, in short texts and long ones.
func TestBandsFindWhatTheyShould(t *testing.T) {
	const pairs = 400 // a length
	r := rand.New(rand.NewPCG(71, 72))
	thresholds(func(threshold float64) {
		signer := NewSigner(threshold, 1)
		missed := 0
		lengths := []int{40, 300}
		for _, n := range lengths {
			for range pairs {
				if !shareBand(t, signer, r, n, threshold+.05) {
					missed++
				}
			}
		}
		// One in a hundred may be missed, and 3.5 standard deviations more.
		if most := 8 + 10; missed > most {
			t.Errorf("threshold %.2f: %d of %d missed", threshold, missed, pairs*len(lengths))
		}
	})
}

// shareBand makes two sets of shingles of resemblance j, or a little more, with n in their union, and says whether they share a
// band.
func shareBand(t *testing.T, s *Signer, r *rand.Rand, n int, j float64) bool {
	t.Helper()
	var both columnar.Sketch
	common := int(float64(n)*j + .999)
	hashes := make([]uint32, n)
	for i := range hashes {
		hashes[i] = r.Uint32()
	}
	rest := hashes[common:]
	s.sketcher.sketchOf(append(slices.Clone(hashes[:common]), rest[:len(rest)/2]...))
	s.appendBands(&both)
	s.sketcher.sketchOf(append(slices.Clone(hashes[:common]), rest[len(rest)/2:]...))
	s.appendBands(&both)
	for b := range s.bands {
		if both.Bands[b] == both.Bands[s.bands+b] {
			return true
		}
	}
	return false
}

// sketchOf fills the slots from the hashes of a short set.
func (s *sketcher) sketchOf(hashes []uint32) {
	for i := range s.slots {
		s.slots[i] = emptySlot
	}
	for _, h := range hashes {
		s.slots[uint8(h)] = min(s.slots[uint8(h)], uint64(h))
	}
	s.rest(hashes, len(hashes), false)
}

package zstdfast

import (
	"testing"

	"pgregory.net/rapid"
)

// TestCodesAreComplete wants of any counts that no code is longer than the format allows, that a decoder has a meaning for every bit,
// and that a more frequent symbol has no longer code.
func TestCodesAreComplete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var count [256]uint32
		kinds := rapid.IntRange(2, 256).Draw(t, "kinds")
		steep := rapid.IntRange(0, 17).Draw(t, "steep")
		for s := range kinds {
			count[(s*37)&255] = 1 + rapid.Uint32Range(0, 1<<rapid.IntRange(0, steep).Draw(t, "log")).Draw(t, "count")
		}
		var h huffman
		longest := h.build(&count)
		sum := 0
		for s, c := range count {
			if (c > 0) != (h.bits[s] > 0) || uint(h.bits[s]) > longest || longest > maxCodeBits {
				t.Fatalf("symbol %d, %d times: %d bits of at most %d", s, c, h.bits[s], longest)
			}
			if c > 0 {
				sum += 1 << (longest - uint(h.bits[s]))
			}
			for o, d := range count {
				if c > d && d > 0 && h.bits[s] > h.bits[o] {
					t.Fatalf("%d times: %d bits; %d times: %d", c, h.bits[s], d, h.bits[o])
				}
			}
		}
		if sum != 1<<longest {
			t.Fatalf("codes take %d of %d", sum, 1<<longest)
		}
	})
}

func TestNormalize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := rapid.UintRange(5, maxTableLog).Draw(t, "log")
		count := rapid.SliceOfN(rapid.Uint32Range(0, 1<<rapid.IntRange(0, 14).Draw(t, "steep")), 2, 1<<min(log, 5)).Draw(t, "count")
		count[0]++
		count[len(count)-1]++
		total := uint32(0)
		for _, c := range count {
			total += c
		}
		norm := make([]int16, len(count))
		normalize(norm, count, total, log)
		sum := 0
		for s, p := range norm {
			if (p > 0) != (count[s] > 0) {
				t.Fatalf("%d times: probability %d", count[s], p)
			}
			sum += int(p)
		}
		if sum != 1<<log {
			t.Fatalf("sum %d, want %d: %v of %v", sum, 1<<log, norm, count)
		}
	})
}

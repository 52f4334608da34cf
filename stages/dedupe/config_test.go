package dedupe

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestThreshold(t *testing.T) {
	for _, tt := range []struct {
		threshold float64
		want      int
	}{{.8, 205}, {.75, 193}, {1, 256}, {.5, 129}, {1e-9, 2}} {
		c := DefaultConfig()
		c.Threshold = tt.threshold
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
		if got := c.leastEqual(); got != tt.want {
			t.Errorf("threshold %v: %d equal bytes, want %d", tt.threshold, got, tt.want)
		}
	}
}

func TestValidateNamesEveryProblem(t *testing.T) {
	err := Config{Threshold: math.NaN()}.Validate()
	for _, key := range []string{"threshold", "min_shingles", "group_cap"} {
		if err == nil || !strings.Contains(err.Error(), key+":") {
			t.Errorf("%v does not name %s", err, key)
		}
	}
	for _, threshold := range []float64{0, -1, 1.01, math.Inf(1)} {
		if (Config{threshold, 1, 1}).Validate() == nil {
			t.Errorf("threshold %v is valid", threshold)
		}
	}
}

func TestPartitionsCoverTheKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5000).Draw(t, "partitions")
		key := rapid.Uint64().Draw(t, "key")
		p := partitionOf(key, n)
		if first, last := keyRange(p, n); key < first || key > last || partitionOf(first, n) != p || partitionOf(last, n) != p {
			t.Fatalf("key %x is in partition %d of %d: %x to %x", key, p, n, first, last)
		}
		if _, last := keyRange(n-1, n); last != math.MaxUint64 {
			t.Fatalf("the last partition ends at %x", last)
		}
	})
}

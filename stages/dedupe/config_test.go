package dedupe

import (
	"math"
	"strings"
	"testing"

	"github.com/millrace/millrace/stages/dedupe/shingle"
)

func TestThreshold(t *testing.T) {
	for _, tt := range []struct {
		threshold float64
		want      int
	}{{.8, 205}, {.75, 193}, {1, 256}, {.5, 129}} {
		c := Default()
		c.Threshold = tt.threshold
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
		if got := shingle.LeastEqual(c.Threshold); got != tt.want {
			t.Errorf("threshold %v: %d equal bytes, want %d", tt.threshold, got, tt.want)
		}
	}
}

func TestValidateNamesEveryProblem(t *testing.T) {
	err := Config{Threshold: math.NaN()}.Validate()
	for _, key := range []string{"threshold", "min_shingles", "group_cap", "max_comparisons", "winner"} {
		if err == nil || !strings.Contains(err.Error(), key+":") {
			t.Errorf("%v does not name %s", err, key)
		}
	}
	for winner, word := range map[string]string{
		"": "first, longest, newest, field:NAME", "oldest": "first, longest, newest, field:NAME", "field:": "names no field", "Longest": "known are",
	} {
		c := Default()
		if c.Winner = winner; c.Validate() == nil || !strings.Contains(c.Validate().Error(), "winner: ") || !strings.Contains(c.Validate().Error(), word) {
			t.Errorf("winner %q: %v", winner, c.Validate())
		}
	}
	for _, threshold := range []float64{0, -1, .49, 1.01, math.Inf(1)} {
		c := Default()
		c.Threshold = threshold
		if c.Validate() == nil {
			t.Errorf("threshold %v is valid", threshold)
		}
	}
}

package manifest

import (
	"math"
	"testing"
	"time"
)

// A run has not ended before its manifest says so; what is no time, or no length of time, says nothing.
func TestEnded(t *testing.T) {
	for _, test := range []struct {
		started string
		seconds float64
		want    string
	}{
		{"2026-11-01T00:00:00Z", 0, "2026-11-01T00:00:01Z"},
		{"2026-11-01T08:00:00+08:00", 1.5, "2026-11-01T00:00:03Z"},
		{"2026-11-01T00:00:00Z", 3600, "2026-11-01T01:00:01Z"},
		{"2026-11-01T00:00:00Z", -1, ""},
		{"2026-11-01T00:00:00Z", math.MaxFloat64, ""},
		{"2026-11-31T00:00:00Z", 1, ""},
		{"", 1, ""},
	} {
		r := RunInfo{Started: test.started, Seconds: test.seconds}
		ended, ok := r.Ended()
		got := ""
		if ok {
			got = ended.UTC().Format(time.RFC3339)
		}
		if got != test.want {
			t.Errorf("%s and %v seconds: %q, want %q", test.started, test.seconds, got, test.want)
		}
	}
}

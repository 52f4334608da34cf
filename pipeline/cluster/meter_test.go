package cluster

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMeter: a worker's counters go on for as long as it lives; what is told of a run begins with the run.
func TestMeter(t *testing.T) {
	var m meter
	now := time.Unix(1000, 0)
	for i, step := range []struct {
		seconds int
		plan    string
		parse   int64
		bytes   int64
		rate    float64
	}{
		{0, "a", 100, 100, 0}, // taken up before the first look
		{2, "a", 300, 300, 100},
		{8, "a", 1100, 1100, 100},
		{10, "a", 1100, 1100, 0}, // of the last ten seconds
		{10, "", 1100, 0, 0},
		{2, "b", 1500, 400, 0},
		{2, "b", 1700, 600, 100},
		{2, "c", 2000, 0, 0}, // between two looks; what belongs to which nobody knows
		{2, "c", 2100, 100, 50},
	} {
		now = now.Add(time.Duration(step.seconds) * time.Second)
		bytes, rates := m.measure(now, step.plan, map[string]int64{"parse": step.parse})
		got := []any{bytes["parse"], rates["parse"]}
		if diff := cmp.Diff([]any{step.bytes, step.rate}, got); diff != "" {
			t.Errorf("step %d (-want +got):\n%s", i, diff)
		}
	}
}

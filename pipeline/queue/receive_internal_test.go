package queue

import (
	"testing"
	"time"
)

// TestNoStagesNoHurry: a process whose stages have no part in the run waits for its end, and does not ask again and again.
func TestNoStagesNoHurry(t *testing.T) {
	before := time.Now()
	next, err := (&receiver{}).ask(nil)
	if err != nil || next.Sub(before) < pullExpires {
		t.Errorf("asked nothing, it would ask again in %v, %v", next.Sub(before), err)
	}
}

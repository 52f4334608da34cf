package pipeline

import (
	"errors"
	"testing"
)

// What was made for a job is kept until another one asks; what failed is not.
func TestOfJob(t *testing.T) {
	var kept OfJob[int]
	made, failing := 0, errors.New("failing")
	one, two := &Job{Plan: &Plan{}}, &Job{Plan: &Plan{}}
	for i, step := range []struct {
		job  *Job
		err  error // of making it
		want int
		fail bool
	}{
		{one, failing, 1, true},
		{one, nil, 2, false},
		{one, failing, 2, false},
		{two, failing, 3, true},
		{one, failing, 2, false},
		{two, nil, 4, false},
		{two, nil, 4, false},
		{one, nil, 5, false},
	} {
		got, err := kept.Get(step.job, func() (int, error) {
			made++
			return made, step.err
		})
		if got != step.want || (err != nil) != step.fail {
			t.Errorf("step %d: %d, %v", i, got, err)
		}
	}
}

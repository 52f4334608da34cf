package main

import (
	"path/filepath"
	"testing"
	"time"
)

// TestPoisonHangs: a split that never ends, and does not even heed its context, is given up as one that fails; the worker goes
// on, and its other tasks are none the worse.
func TestPoisonHangs(t *testing.T) {
	t.Parallel()
	folder, out := poisonFolder(t), filepath.Join(t.TempDir(), "out")
	o := jobOptions(t, out, folder)
	o.AckWait = time.Second
	end := make(chan struct{}) // the test leaves no goroutine behind
	o.Chain = poison(o.Chain, func() { <-end })
	got := job(t, o)
	close(end)
	checkPoison(t, got, out, folder)
}

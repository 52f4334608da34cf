package pipelinetest

import "testing"

// Long skips, when tests are to be short, one that takes long under the race detector and starts no goroutine of its own: without the detector
// every test is run.
func Long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("skip: short tests are those that start goroutines")
	}
}

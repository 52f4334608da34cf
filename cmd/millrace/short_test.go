package main

import (
	"flag"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

// With -short the tests are what the race detector has to see, and make test runs them so under it: those of processes of the built program,
// which it does not watch, are skipped, of a job that is stopped or damaged at dozens of points there is a sample, and of tests whose goroutines are those
// of many others, too, a fifth is run: others each time. All of them run without the detector.

// sampler chooses the cases of short tests.
var sampler = struct {
	sync.Mutex

	random *rand.Rand
}{random: rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 7))}

// sample is at most n of the cases, by chance and in their order, when the tests are to be short; all of them otherwise, and when -run names a case.
func sample[T any](t *testing.T, cases []T, n int) []T {
	t.Helper()
	if !testing.Short() || n >= len(cases) || strings.Contains(flag.Lookup("test.run").Value.String(), "/") {
		return cases
	}
	sampler.Lock()
	defer sampler.Unlock()
	var some []T
	for i, c := range cases {
		if sampler.random.IntN(len(cases)-i) < n-len(some) {
			some = append(some, c)
		}
	}
	t.Logf("short: %d of %d: %v", n, len(cases), some)
	return some
}

// ofPrograms skips a test of processes of the built program when the tests are to be short.
func ofPrograms(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("skip: the program is built without the race detector")
	}
}

// inTurn skips four of five of the tests that call it, by chance, when tests are to be short and -run names none.
func inTurn(t *testing.T) {
	t.Helper()
	if !testing.Short() || flag.Lookup("test.run").Value.String() != "" {
		return
	}
	sampler.Lock()
	defer sampler.Unlock()
	if sampler.random.IntN(5) > 0 {
		t.Skip("skip: short tests are one in five of those like it")
	}
}

package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// gcPercent trades a little CPU for memory. What lives on the heap is a few large buffers without pointers, so a
	// collection costs next to nothing, and more of them keep the peak well below
	// twice what is in use: 50 took the same CPU time, and 20 MB more over 100 000 files.
	gcPercent = 40
	// gcFloor is what is not worth a collection: a process has made some megabytes before it has read a file, and then collects a dozen
	// times until its heap is as large as it will be.
	gcFloor = 64 << 20
	// goFloor is below what Go's collector never begins at 100 percent.
	goFloor = 4 << 20
)

// paceCollector has the heap collected when it has grown by gcPercent, but not before it holds gcFloor bytes. A figure that is
// changed behind each collection is all that Go has for this.
func paceCollector() {
	percent := int(100 * gcFloor / goFloor)
	debug.SetGCPercent(percent)
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	// An object that nothing refers to any more is handed to its finalizer behind each collection.
	var collected func(*sentinel)
	collected = func(s *sentinel) {
		metrics.Read(live)
		if next := percentFor(live[0].Value.Uint64()); next != percent {
			percent = next
			debug.SetGCPercent(percent)
		}
		runtime.SetFinalizer(s, collected)
	}
	runtime.SetFinalizer(&sentinel{}, collected)
}

// sentinel is no part of any object that lives longer: it has a pointer, so Go does not put it into one block with others.
type sentinel struct{ _ *byte }

// percentFor is by how much a heap of so many bytes may grow.
func percentFor(live uint64) int {
	if live == 0 {
		return int(100 * gcFloor / goFloor)
	}
	return max(gcPercent, int(100*gcFloor/live)-100)
}

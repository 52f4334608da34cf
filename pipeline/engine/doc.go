// Package engine makes a run happen: it has package intake plan what is to be done, hands the tasks to workers through the queue, counts
// what the ledger says, and commits the version. It knows stages and sinks only as the Runners and Stages that cmd gives
// it, the queue as pipeline.Queue, and bytes as pipeline.Store. It does not touch text.
//
// mapper.go carries a split along parse, normalize and dedupe; worker.go is
// the loop that does one task after another; coordinator.go moves the run from phase to phase; run.go ties them together
// in one process.
package engine

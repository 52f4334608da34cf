package engine

import "github.com/millrace/millrace/pipeline"

// Observer is told what a run does, for people to look at. Nothing depends on it. Calls come from many goroutines, a
// few a second for each of them; they must not block.
type Observer interface {
	// InputBytes says how much the plan reads.
	InputBytes(total int64)
	// Phase says that a stage begins, with so many tasks, or what its number has become.
	Phase(stage string, total int)
	// TaskDone says that one task of a stage is in the ledger.
	TaskDone(stage string)
	// AddInput says that a batch went through the stage: stored bytes and documents.
	AddInput(stage string, bytes, documents int64)
	// AddOutcome adds to what became of documents so far. Numbers below zero take back what was told of a task that is told once more.
	AddOutcome(kept, duplicates, filtered, rejected int64)
}

// LedgerObserver is an Observer that also wants to know the chain of the run that a coordinator takes up, and then every entry of its
// ledger, once each. What a task reads is told by parts, nil if the kind of job is no Locator.
type LedgerObserver interface {
	Observer
	Begin(chain pipeline.Chain, parts func(task int) []Part)
	Entry(e pipeline.Entry)
}

// ProgressObserver is an Observer that shows people more of how far a job is.
type ProgressObserver interface {
	Observer
	// Restart says that a job begins in this process, by the digest of its plan; that of the job before says that it is gone on with. What
	// was told of a job before is of no more use.
	Restart(plan string)
	// AddRead adds to the documents that were read so far.
	AddRead(documents int64)
	// Resumed says that a job of an earlier process is gone on with: so many of the tasks of all phases up to the one that it stopped in
	// are done.
	Resumed(job, phase string, done, total int)
}

// addRead tells an observer of documents that were read, if it wants to know.
func addRead(o Observer, documents int64) {
	if p, ok := o.(ProgressObserver); ok && documents != 0 {
		p.AddRead(documents)
	}
}

// Nobody is the Observer of runs that nobody looks at.
type Nobody struct{}

// InputBytes does nothing.
func (Nobody) InputBytes(int64) {}

// Phase does nothing.
func (Nobody) Phase(string, int) {}

// TaskDone does nothing.
func (Nobody) TaskDone(string) {}

// AddInput does nothing.
func (Nobody) AddInput(string, int64, int64) {}

// AddOutcome does nothing.
func (Nobody) AddOutcome(int64, int64, int64, int64) {}

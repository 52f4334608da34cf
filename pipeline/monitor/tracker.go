package monitor

import (
	"slices"
	"sync/atomic"
	"time"

	"millrace/pipeline"
)

// Tracker holds the counters of one run. All methods are safe for concurrent use, take no lock and allocate nothing but
// Snapshot's result, so that workers may call them for every batch. A stage that the chain does not know is not counted.
type Tracker struct {
	start time.Time

	input                                atomic.Int64
	kept, duplicates, filtered, rejected atomic.Int64
	stages                               []counters // one for each of pipeline.Stages, in that order
}

// counters are those of one stage. Times are nanoseconds since the tracker's start, plus one; zero is never.
type counters struct {
	began, ended     atomic.Int64
	total, done      atomic.Int64
	resumed          atomic.Int64 // tasks that were done before the stage began: by an earlier try of the run
	bytes, documents atomic.Int64
}

// mapEnd is the last stage of the map phase, whose stages a worker may carry on in one task.
var mapEnd = slices.Index(pipeline.Stages, pipeline.StageDedupe)

// NewTracker returns a tracker whose clock starts now.
func NewTracker() *Tracker {
	return &Tracker{start: time.Now(), stages: make([]counters, len(pipeline.Stages))}
}

// InputBytes says how much input the plan has, in bytes as they are stored.
func (t *Tracker) InputBytes(total int64) { t.input.Store(total) }

// Phase says that a stage begins, with so many tasks. Tasks that are done by then are the work of an earlier try of the
// run: progress, but not of today's rate. A second call for a stage corrects the number.
func (t *Tracker) Phase(stage string, total int) {
	i := slices.Index(pipeline.Stages, stage)
	if i < 0 {
		return
	}
	c := &t.stages[i]
	c.total.Store(int64(total))
	if c.began.CompareAndSwap(0, t.now()) {
		c.resumed.Store(c.done.Load())
	}
	c.endIfDone(t.now())
}

// TaskDone counts one finished task. Where stages are carried on in one task, as in the map phase, only the last of them
// is told so; the stages before it are as far then.
func (t *Tracker) TaskDone(stage string) {
	i := slices.Index(pipeline.Stages, stage)
	if i < 0 {
		return
	}
	done := t.stages[i].done.Add(1)
	t.stages[i].endIfDone(t.now())
	if i > mapEnd {
		return
	}
	for j := range i {
		c := &t.stages[j]
		c.atLeast(done)
		c.endIfDone(t.now())
	}
}

// AddInput counts what a stage took in with one batch: bytes of the source as they are stored, and documents.
func (t *Tracker) AddInput(stage string, bytes, documents int64) {
	if i := slices.Index(pipeline.Stages, stage); i >= 0 {
		t.stages[i].bytes.Add(bytes)
		t.stages[i].documents.Add(documents)
	}
}

// AddOutcome counts documents whose fate is known.
func (t *Tracker) AddOutcome(kept, duplicates, filtered, rejected int64) {
	t.kept.Add(kept)
	t.duplicates.Add(duplicates)
	t.filtered.Add(filtered)
	t.rejected.Add(rejected)
}

func (t *Tracker) now() int64 { return int64(time.Since(t.start)) + 1 }

func (c *counters) atLeast(done int64) {
	for {
		before := c.done.Load()
		if before >= done || c.done.CompareAndSwap(before, done) {
			return
		}
	}
}

func (c *counters) endIfDone(now int64) {
	if c.began.Load() > 0 && c.done.Load() >= c.total.Load() {
		c.ended.CompareAndSwap(0, now)
	}
}

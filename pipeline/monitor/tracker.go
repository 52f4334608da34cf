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
	began, ended               atomic.Int64
	total, done                atomic.Int64
	bytes, documents           atomic.Int64
	resumedTasks, resumedBytes atomic.Int64
	resumedDocuments           atomic.Int64
}

// NewTracker returns a tracker whose clock starts now.
func NewTracker() *Tracker {
	return &Tracker{start: time.Now(), stages: make([]counters, len(pipeline.Stages))}
}

// InputBytes says how much input the plan has, in bytes as they are stored.
func (t *Tracker) InputBytes(total int64) { t.input.Store(total) }

// Phase says that a stage begins, with so many tasks. A second call for a stage corrects the number.
func (t *Tracker) Phase(stage string, total int) {
	c := t.stage(stage)
	if c == nil {
		return
	}
	c.total.Store(int64(total))
	c.began.CompareAndSwap(0, t.now())
	c.endIfDone(t.now())
}

// Resumed counts tasks that an earlier try of the run had finished: they are progress, but not of today's rate.
func (t *Tracker) Resumed(stage string, tasks int, bytes, documents int64) {
	c := t.stage(stage)
	if c == nil {
		return
	}
	c.resumedTasks.Add(int64(tasks))
	c.resumedBytes.Add(bytes)
	c.resumedDocuments.Add(documents)
	c.bytes.Add(bytes)
	c.documents.Add(documents)
	c.done.Add(int64(tasks))
	c.endIfDone(t.now())
}

// TaskDone counts one finished task.
func (t *Tracker) TaskDone(stage string) {
	if c := t.stage(stage); c != nil {
		c.done.Add(1)
		c.endIfDone(t.now())
	}
}

// AddInput counts what a stage took in with one batch: bytes of the source as they are stored, and documents.
func (t *Tracker) AddInput(stage string, bytes, documents int64) {
	if c := t.stage(stage); c != nil {
		c.bytes.Add(bytes)
		c.documents.Add(documents)
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

func (t *Tracker) stage(name string) *counters {
	if i := slices.Index(pipeline.Stages, name); i >= 0 {
		return &t.stages[i]
	}
	return nil
}

func (c *counters) endIfDone(now int64) {
	if c.began.Load() > 0 && c.done.Load() >= c.total.Load() {
		c.ended.CompareAndSwap(0, now)
	}
}

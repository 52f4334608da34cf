package monitor

import (
	"sync/atomic"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// Tracker holds the counters of one run. All methods are safe for concurrent use, take no lock and allocate nothing but
// Snapshot's result, so that workers may call them for every batch. A stage that no chain knows is not counted.
type Tracker struct {
	start time.Time

	input                                atomic.Int64
	kept, duplicates, filtered, rejected atomic.Int64
	stages                               []counters // in the order of the chains
	names                                []string   // likewise
	at                                   map[string]int
	from                                 []int // of each stage the first that is as far when a task of it is done
}

// counters are those of one stage. Times are nanoseconds since the tracker's start, plus one; zero is never.
type counters struct {
	began, ended     atomic.Int64
	total, done      atomic.Int64
	resumed          atomic.Int64 // tasks that were done before the stage began: by an earlier try of the run
	bytes, documents atomic.Int64
}

// NewTracker returns a tracker of the stages of chains, whose clock starts now.
func NewTracker(chains ...pipeline.Chain) *Tracker {
	t := &Tracker{start: time.Now(), at: map[string]int{}}
	for _, c := range chains {
		for i := range c {
			for k := range c[i].Tracks {
				track, first := &c[i].Tracks[k], len(t.names)
				for _, s := range track.Stages {
					t.at[s.Name] = len(t.names)
					if track.Apart {
						first = len(t.names)
					}
					t.names, t.from = append(t.names, s.Name), append(t.from, first)
				}
			}
		}
	}
	t.stages = make([]counters, len(t.names))
	return t
}

// InputBytes says how much input the plan has, in bytes as they are stored.
func (t *Tracker) InputBytes(total int64) { t.input.Store(total) }

// Phase says that a stage begins, with so many tasks. Tasks that are done by then are the work of an earlier try of the
// run: progress, but not of today's rate. A second call for a stage corrects the number.
func (t *Tracker) Phase(stage string, total int) {
	i, ok := t.at[stage]
	if !ok {
		return
	}
	c := &t.stages[i]
	c.total.Store(int64(total))
	if c.began.CompareAndSwap(0, t.now()) {
		c.resumed.Store(c.done.Load())
	}
	c.endIfDone(t.now())
}

// TaskDone counts one finished task. Where the stages of a track are carried on in one task, only the last of them
// is told so; the stages before it are as far then.
func (t *Tracker) TaskDone(stage string) {
	i, ok := t.at[stage]
	if !ok {
		return
	}
	done := t.stages[i].done.Add(1)
	t.stages[i].endIfDone(t.now())
	for j := t.from[i]; j < i; j++ {
		c := &t.stages[j]
		c.atLeast(done)
		c.endIfDone(t.now())
	}
}

// AddInput counts what a stage took in with one batch: bytes of the source as they are stored, and documents.
func (t *Tracker) AddInput(stage string, bytes, documents int64) {
	if i, ok := t.at[stage]; ok {
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

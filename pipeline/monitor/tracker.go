package monitor

import (
	"sync/atomic"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// Tracker holds the counters of one job after the other. All methods are safe for concurrent use, take no lock and allocate nothing but
// Snapshot's result, so that workers may call them for every batch. A stage that no chain knows is not counted. What is shown of documents
// and of the whole does not go backwards in one job: what is told twice, since a task was done again, is not taken back on the screen.
type Tracker struct {
	start time.Time

	planning pipeline.Planning
	job      atomic.Pointer[string] // digest of the plan of the job under way
	resumed  atomic.Pointer[Resumed]

	input                                      atomic.Int64
	read, kept, duplicates, filtered, rejected counter
	whole                                      atomic.Int64 // the most that was shown of the whole, in millionths
	stages                                     []counters   // in the order of the chains
	chain                                      []Stage      // likewise: what does not change
	at                                         map[string]int
	expects                                    []bool // of each stage whether it takes in the documents that are kept
	from                                       []int  // of each stage the first that is as far when a task of it is done
}

// counter is a number, and the most that was shown of it.
type counter struct{ now, shown atomic.Int64 }

func (c *counter) show() int64 { return atLeast(&c.shown, c.now.Load()) }

// counters are those of one stage. Times are nanoseconds since the tracker's start, plus one; zero is never.
type counters struct {
	began, ended     atomic.Int64
	total, done      atomic.Int64
	resumed          atomic.Int64 // tasks that were done before the stage began: by an earlier try of the run
	bytes, documents atomic.Int64
}

// NewTracker returns a tracker of the stages of chains, whose clock starts now.
func NewTracker(chains ...pipeline.Chain) *Tracker {
	t := &Tracker{start: time.Now(), at: map[string]int{}, chain: StagesOf(chains...)}
	for _, c := range chains {
		kept := keptAfter(c)
		for i := range c {
			for k := range c[i].Tracks {
				track, first := &c[i].Tracks[k], len(t.from)
				for _, s := range track.Stages {
					t.at[s.Name] = len(t.from)
					if track.Apart {
						first = len(t.from)
					}
					t.from = append(t.from, first)
					t.expects = append(t.expects, track.Apart && i > kept)
				}
			}
		}
	}
	t.stages = make([]counters, len(t.chain))
	return t
}

// keptAfter is the phase of a chain behind which it is known which documents are kept.
func keptAfter(c pipeline.Chain) int {
	if _, last := c.Summed(); last != "" {
		if p, ok := c.Find(last); ok {
			return p.Phase
		}
	}
	return len(c)
}

// Planning is what a planner counts in.
func (t *Tracker) Planning() *pipeline.Planning { return &t.planning }

// Restart says that a job begins, by the digest of its plan: with that of the job before, it is gone on with.
func (t *Tracker) Restart(plan string) {
	t.planning.End()
	if last := t.job.Swap(&plan); last == nil || *last != plan {
		t.whole.Store(0)
		t.resumed.Store(nil)
		for _, c := range t.documents() {
			c.shown.Store(0)
		}
	}
	for _, c := range t.documents() {
		c.now.Store(0)
	}
	for i := range t.stages {
		c := &t.stages[i]
		for _, n := range []*atomic.Int64{&c.began, &c.ended, &c.total, &c.done, &c.resumed, &c.bytes, &c.documents} {
			n.Store(0)
		}
	}
}

func (t *Tracker) documents() []*counter {
	return []*counter{&t.read, &t.kept, &t.duplicates, &t.filtered, &t.rejected}
}

// Resumed says that a job is gone on with.
func (t *Tracker) Resumed(job, phase string, done, total int) {
	t.resumed.Store(&Resumed{Job: job, Phase: phase, Done: done, Total: total})
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
		atLeast(&c.done, done)
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

// AddRead counts documents that were read.
func (t *Tracker) AddRead(documents int64) { t.read.now.Add(documents) }

// AddOutcome counts documents whose fate is known.
func (t *Tracker) AddOutcome(kept, duplicates, filtered, rejected int64) {
	t.kept.now.Add(kept)
	t.duplicates.now.Add(duplicates)
	t.filtered.now.Add(filtered)
	t.rejected.now.Add(rejected)
}

func (t *Tracker) now() int64 { return int64(time.Since(t.start)) + 1 }

// atLeast raises a number to another one, and returns what it is then.
func atLeast(n *atomic.Int64, least int64) int64 {
	for {
		before := n.Load()
		if before >= least {
			return before
		}
		if n.CompareAndSwap(before, least) {
			return least
		}
	}
}

func (c *counters) endIfDone(now int64) {
	if c.began.Load() > 0 && c.done.Load() >= c.total.Load() {
		c.ended.CompareAndSwap(0, now)
	}
}

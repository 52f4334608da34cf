package monitor

import (
	"time"

	"millrace/pipeline"
)

// Snapshot is what a tracker knew at one moment. The counters are read one after the other, so while a run goes on they
// may be apart by a batch.
type Snapshot struct {
	Elapsed    time.Duration // since the tracker was made
	InputBytes int64         // of the plan

	Kept, Duplicates, Filtered, Rejected int64

	Stages []Stage // in the order of the chain, those that have not begun too
}

// Stage is the progress of one stage.
type Stage struct {
	Name        string
	Begun       bool
	Done, Total int64         // tasks
	Bytes       int64         // taken in so far; 0 in stages that do not read the source
	Documents   int64         // taken in so far
	Elapsed     time.Duration // since it began, up to its end

	resumed               float64 // share that an earlier try had finished
	newBytes, newDocument int64   // of this try
	input                 int64
}

// Snapshot reads the counters.
func (t *Tracker) Snapshot() Snapshot {
	now := t.now()
	s := Snapshot{
		Elapsed:    time.Duration(now - 1),
		InputBytes: t.input.Load(),
		Kept:       t.kept.Load(),
		Duplicates: t.duplicates.Load(),
		Filtered:   t.filtered.Load(),
		Rejected:   t.rejected.Load(),
		Stages:     make([]Stage, len(t.stages)),
	}
	for i := range t.stages {
		s.Stages[i] = t.stages[i].read(pipeline.Stages[i], now, s.InputBytes)
	}
	return s
}

func (c *counters) read(name string, now, input int64) Stage {
	s := Stage{
		Name:      name,
		Done:      c.done.Load(),
		Total:     c.total.Load(),
		Bytes:     c.bytes.Load(),
		Documents: c.documents.Load(),
		input:     input,
	}
	began, ended := c.began.Load(), c.ended.Load()
	if began == 0 {
		return s
	}
	if ended > 0 {
		now = ended
	}
	s.Begun = true
	s.Elapsed = time.Duration(max(now-began, 0))
	s.newBytes = s.Bytes - c.resumedBytes.Load()
	s.newDocument = s.Documents - c.resumedDocuments.Load()
	s.resumed = s.share(c.resumedTasks.Load(), c.resumedBytes.Load())
	return s
}

// Over says whether every task of the stage is done.
func (s Stage) Over() bool { return s.Begun && s.Done >= s.Total }

// Fraction is how much of the stage is done, from 0 to 1: by bytes where it reads the source, by tasks elsewhere. It is 1
// only when every task is.
func (s Stage) Fraction() float64 {
	switch {
	case !s.Begun:
		return 0
	case s.Over():
		return 1
	}
	return min(s.share(s.Done, s.Bytes), 0.999)
}

func (s Stage) share(tasks, bytes int64) float64 {
	switch {
	case s.Bytes > 0 && s.input > 0:
		return min(float64(bytes)/float64(s.input), 1)
	case s.Total > 0:
		return min(float64(tasks)/float64(s.Total), 1)
	}
	return 0
}

// BytesPerSecond is the mean rate since the stage began, without what an earlier try had done.
func (s Stage) BytesPerSecond() float64 { return perSecond(s.newBytes, s.Elapsed) }

// DocumentsPerSecond is the mean rate since the stage began, without what an earlier try had done.
func (s Stage) DocumentsPerSecond() float64 { return perSecond(s.newDocument, s.Elapsed) }

func perSecond(n int64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}

// ETA is the time that the stage still needs if it goes on as it did so far. It is not known (false) before a second has
// passed and a hundredth of the work is done.
func (s Stage) ETA() (left time.Duration, known bool) {
	f := s.Fraction()
	worked := f - s.resumed
	if !s.Begun || s.Over() || s.Elapsed < time.Second || worked < 0.01 {
		return 0, false
	}
	return time.Duration(float64(s.Elapsed) * (1 - f) / worked), true
}

// Active is the stage that a single line speaks of: of those under way the one furthest along the chain, which sets the
// pace. It is false between stages.
func (s Snapshot) Active() (Stage, bool) {
	for i := len(s.Stages) - 1; i >= 0; i-- {
		if s.Stages[i].Begun && !s.Stages[i].Over() {
			return s.Stages[i], true
		}
	}
	return Stage{}, false
}

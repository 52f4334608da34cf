package monitor

import (
	"slices"
	"time"
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
	Bytes       int64         // taken in by this process; 0 in stages that do not read the source
	Documents   int64         // taken in by this process
	Elapsed     time.Duration // since it began, up to its end

	resumed int64 // tasks of an earlier try
	input   int64
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
		s.Stages[i] = t.stages[i].read(t.names[i], now, s.InputBytes)
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
		resumed:   c.resumed.Load(),
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
	return min(max(s.tasksShare(s.Done), s.tasksShare(s.resumed)+s.bytesShare()), 0.999)
}

func (s Stage) tasksShare(tasks int64) float64 { return float64(tasks) / float64(max(s.Total, 1)) }

func (s Stage) bytesShare() float64 { return float64(s.Bytes) / float64(max(s.input, 1)) }

// BytesPerSecond is the mean rate since the stage began.
func (s Stage) BytesPerSecond() float64 { return perSecond(s.Bytes, s.Elapsed) }

// DocumentsPerSecond is the mean rate since the stage began.
func (s Stage) DocumentsPerSecond() float64 { return perSecond(s.Documents, s.Elapsed) }

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
	worked := f - s.tasksShare(s.resumed)
	if !s.Begun || s.Over() || s.Elapsed < time.Second || worked < 0.01 {
		return 0, false
	}
	return time.Duration(float64(s.Elapsed) * (1 - f) / worked), true
}

// Active is the stage that a single line speaks of: of those under way the one furthest along the chain, which sets the
// pace. It is false between stages.
func (s Snapshot) Active() (Stage, bool) {
	for _, stage := range slices.Backward(s.Stages) {
		if stage.Begun && !stage.Over() {
			return stage, true
		}
	}
	return Stage{}, false
}

package monitor

import (
	"slices"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// Snapshot is what a tracker knew at one moment. The counters are read one after the other, so while a run goes on they
// may be apart by a batch.
type Snapshot struct {
	Elapsed    time.Duration // since the tracker was made
	InputBytes int64         // of the plan

	// Documents so far. Those that are kept, and duplicates, are known when the duplicates are resolved.
	Read, Kept, Duplicates, Filtered, Rejected int64

	Planning *pipeline.PlanningState // nil unless a plan is made
	Resumed  *Resumed                // nil for a job that began in this process
	State    string                  // what else there is to say, in a word or two: "paused"; "" is nothing
	Notes    []string                // what a job waits for, in sentences

	Stages []Stage // in the order of the chain, those that have not begun too
	// Whole is how much of the job is done, from 0 to 1, and does not go backwards; ETA what it still needs if it is Known.
	Whole float64
	ETA   time.Duration
	Known bool
}

// Resumed says how much of a job was done when it was gone on with: tasks of all phases up to the one that it had stopped in.
type Resumed struct {
	Job, Phase  string
	Done, Total int
}

// Says is that in words.
func (r *Resumed) Says() string {
	return "resuming " + r.Job + ": " + pipeline.TasksDone(r.Done, r.Total)
}

// Stage is the progress of one stage.
type Stage struct {
	Name        string
	Phase       int // which of its chain it is in, from 0
	Weight      float64
	Begun       bool
	Done, Total int64         // tasks
	Resumed     int64         // tasks that an earlier try of the job has done
	Bytes       int64         // taken in by this process; 0 in stages that do not read the source
	Documents   int64         // taken in by this process
	Elapsed     time.Duration // since it began, up to its end

	Input  int64 // bytes of the plan
	Expect int64 // documents that it is to take in, if that is known
}

// StagesOf are the stages of chains, of which none has begun.
func StagesOf(chains ...pipeline.Chain) (stages []Stage) {
	phase := 0
	for _, c := range chains {
		for i := range c {
			for k := range c[i].Tracks {
				track := &c[i].Tracks[k]
				for _, s := range track.Stages {
					stages = append(stages, Stage{Name: s.Name, Phase: phase, Weight: float64(max(track.Weight, 1)) / float64(len(track.Stages))})
				}
			}
			phase++
		}
	}
	return stages
}

// Snapshot reads the counters.
func (t *Tracker) Snapshot() Snapshot {
	now := t.now()
	s := Snapshot{
		Elapsed:    time.Duration(now - 1),
		InputBytes: t.input.Load(),
		Read:       t.read.show(),
		Kept:       t.kept.show(),
		Duplicates: t.duplicates.show(),
		Filtered:   t.filtered.show(),
		Rejected:   t.rejected.show(),
		Resumed:    t.resumed.Load(),
		Stages:     slices.Clone(t.chain),
	}
	if p, planning := t.planning.State(); planning {
		s.Planning = &p
	}
	for i := range t.stages {
		st := &s.Stages[i]
		if t.stages[i].read(st, now, s.InputBytes); t.expects[i] {
			st.Expect = s.Kept
		}
	}
	s.Weigh()
	s.Whole = float64(atLeast(&t.whole, int64(s.Whole*wholeScale))) / wholeScale
	return s
}

const wholeScale = 1e6

// read fills in what is counted of a stage.
func (c *counters) read(s *Stage, now, input int64) {
	s.Done, s.Total, s.Resumed = c.done.Load(), c.total.Load(), c.resumed.Load()
	s.Bytes, s.Documents, s.Input = c.bytes.Load(), c.documents.Load(), input
	began, ended := c.began.Load(), c.ended.Load()
	if began == 0 {
		return
	}
	if ended > 0 {
		now = ended
	}
	s.Begun = true
	s.Elapsed = time.Duration(max(now-began, 0))
}

// Over says whether every task of the stage is done.
func (s Stage) Over() bool { return s.Begun && s.Done >= s.Total }

// Fraction is how much of the stage is done, from 0 to 1: by bytes where it reads the source, by documents where
// it is known how many there are, by tasks elsewhere. It is 1
// only when every task is.
func (s Stage) Fraction() float64 {
	switch {
	case !s.Begun:
		return 0
	case s.Over():
		return 1
	}
	return min(max(s.tasksShare(s.Done), s.before()+s.bytesShare(), s.before()+s.documentsShare()), 0.999)
}

func (s Stage) tasksShare(tasks int64) float64 { return float64(tasks) / float64(max(s.Total, 1)) }

func (s Stage) bytesShare() float64 { return float64(s.Bytes) / float64(max(s.Input, 1)) }

func (s Stage) documentsShare() float64 {
	if s.Expect == 0 {
		return 0
	}
	return float64(s.Documents) / float64(s.Expect)
}

// before is how much of the stage was done when it began here.
func (s Stage) before() float64 { return min(s.tasksShare(s.Resumed), 1) }

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

// A rate tells something when so much time has passed, and so much of the work is done.
const (
	leastElapsed = time.Second
	leastWorked  = 0.01
)

// ETA is the time that the stage still needs if it goes on as it did so far. It is not known (false) before a second has
// passed and a hundredth of the work is done.
func (s Stage) ETA() (left time.Duration, known bool) {
	f := s.Fraction()
	worked := f - s.before()
	if !s.Begun || s.Over() || s.Elapsed < leastElapsed || worked < leastWorked {
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

package pipeline

import (
	"fmt"
	"sync/atomic"
)

// Planning counts what a planner has found and looked at so far, for people to look at. All methods are safe for concurrent use; those of a
// nil Planning do nothing. What is counted a file is one atomic add.
type Planning struct {
	step         atomic.Pointer[PlanningStep]
	files, bytes atomic.Int64
	done         atomic.Int64
}

// PlanningStep is what a planner does at the moment.
type PlanningStep struct {
	Name  string // such as "finding files"
	Of    string // whose files they are, "" for all
	Total int64  // files that the step looks at, 0 if it is not known
}

// PlanningState is how far a planner is.
type PlanningState struct {
	Step  string `json:"step"`
	Of    string `json:"of,omitempty"`
	Files int64  `json:"files"`           // that were found so far
	Bytes int64  `json:"bytes"`           // of these, as they are stored
	Done  int64  `json:"done"`            // files that the step has looked at
	Total int64  `json:"total,omitempty"` // that it is to look at, 0 if it is not known
}

// Says is what a plan that is being made is about, for people.
func (s *PlanningState) Says() string {
	text := s.Step
	if s.Of != "" {
		text += " of " + s.Of
	}
	if s.Total > 0 {
		text += fmt.Sprintf(", %s of %s", Thousands(s.Done), Thousands(s.Total))
	}
	if s.Files > 0 {
		text += fmt.Sprintf(": %s with %s", Counted(s.Files, "file"), ByteSize(s.Bytes))
	}
	return text
}

// Restart says that planning begins: nothing was found yet.
func (p *Planning) Restart(step string) {
	if p == nil {
		return
	}
	p.files.Store(0)
	p.bytes.Store(0)
	p.Begin(PlanningStep{Name: step})
}

// Begin says that a step begins.
func (p *Planning) Begin(s PlanningStep) {
	if p == nil {
		return
	}
	p.done.Store(0)
	p.step.Store(&s)
}

// Found counts a file of so many bytes.
func (p *Planning) Found(bytes int64) {
	if p == nil {
		return
	}
	p.files.Add(1)
	p.bytes.Add(bytes)
}

// Done counts a file that the step has looked at.
func (p *Planning) Done() {
	if p != nil {
		p.done.Add(1)
	}
}

// End says that the plan is made.
func (p *Planning) End() {
	if p != nil {
		p.step.Store(nil)
	}
}

// State is how far the planner is; false if none plans.
func (p *Planning) State() (s PlanningState, planning bool) {
	if p == nil {
		return s, false
	}
	step := p.step.Load()
	if step == nil {
		return s, false
	}
	return PlanningState{
		Step: step.Name, Of: step.Of, Files: p.files.Load(), Bytes: p.bytes.Load(), Done: p.done.Load(), Total: step.Total,
	}, true
}

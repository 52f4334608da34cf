package pipeline

import (
	"fmt"
	"strings"
)

// Sum says what became of the documents that went into a task, or a job (invariant 7): In = Out + all that is Left out. The engine
// checks it for every task that is made of steps.
type Sum struct {
	In  int64 `json:"in,omitempty"`
	Out int64 `json:"out,omitempty"`
	// Left says of what was left out how much it was for which reason. The keys are those of Leave.
	Left map[string]int64 `json:"left,omitempty"`
}

// LeftKind says in what way documents are left out.
type LeftKind string

// The ways in which documents are left out.
const (
	LeftFiltered  LeftKind = "filtered"
	LeftRejected  LeftKind = "rejected"
	LeftDuplicate LeftKind = "duplicate"
	LeftWithdrawn LeftKind = "withdrawn" // of what earlier versions had kept
)

// Leave counts n documents that are left out for a reason.
func (s *Sum) Leave(kind LeftKind, reason string, n int64) {
	if n == 0 {
		return
	}
	if s.Left == nil {
		s.Left = map[string]int64{}
	}
	s.Left[string(kind)+"/"+reason] += n
}

// Of is how many documents were left out in one way.
func (s *Sum) Of(kind LeftKind) (n int64) {
	for key, one := range s.Left {
		if strings.HasPrefix(key, string(kind)+"/") {
			n += one
		}
	}
	return n
}

// For is how many documents were left out for one reason.
func (s *Sum) For(kind LeftKind, reason string) int64 { return s.Left[string(kind)+"/"+reason] }

// Check says if documents are missing, or came from nowhere.
func (s *Sum) Check() error {
	left := int64(0)
	for _, n := range s.Left {
		left += n
	}
	if s.In != s.Out+left {
		return fmt.Errorf("%d documents went in, but %d came out and %d were left out", s.In, s.Out, left)
	}
	return nil
}

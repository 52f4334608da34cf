package cluster

import (
	"time"

	"github.com/millrace/millrace/pipeline/monitor"
)

// Snapshot is the run of the picture as it is shown of a run in one process. A run that has ended, or never was, has nothing to show.
func (s *Status) Snapshot() monitor.Snapshot {
	d := s.Documents
	shown := monitor.Snapshot{
		InputBytes: s.InputBytes, Read: d.Read, Kept: d.Kept, Duplicates: d.Duplicates, Filtered: d.Filtered, Rejected: d.Rejected, Planning: s.Planning,
	}
	if !s.Run.Started.IsZero() {
		shown.Elapsed = s.since(s.Run.Started)
	}
	switch s.Run.State {
	case Paused, Committing:
		shown.State = string(s.Run.State)
	case Planning:
		if s.Planning == nil {
			shown.State = string(Planning)
		}
	}
	begun := map[string]*StageStatus{}
	for i := range s.Stages {
		begun[s.Stages[i].Stage] = &s.Stages[i]
	}
	for _, c := range s.chain() {
		one := monitor.Stage{Name: c.Stage, Phase: c.Phase, Weight: c.Weight}
		if st := begun[c.Stage]; st != nil {
			one.Begun, one.Done, one.Total, one.Resumed = true, int64(st.Done), int64(st.Total), int64(st.Resumed)
			one.Bytes, one.Input = st.Bytes, s.InputBytes
			one.Elapsed = time.Duration(st.Seconds * float64(time.Second))
		}
		shown.Stages = append(shown.Stages, one)
	}
	shown.Weigh()
	return shown
}

// chain are all stages of the run. Coordinators of earlier programs do not tell them: those that have begun, then.
func (s *Status) chain() []ChainStage {
	if len(s.Chain) > 0 {
		return s.Chain
	}
	var begun []ChainStage
	for i := range s.Stages {
		begun = append(begun, ChainStage{Stage: s.Stages[i].Stage, Phase: i, Weight: 1})
	}
	return begun
}

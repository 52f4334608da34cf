package monitor

import (
	"sync/atomic"
	"time"
)

// Meter counts the bytes of something that is no job, for a Display. All methods are safe for concurrent use.
type Meter struct {
	name        string
	start       time.Time
	done, total atomic.Int64
}

// NewMeter returns a meter whose clock starts now.
func NewMeter(name string) *Meter { return &Meter{name: name, start: time.Now()} }

// Set says how many bytes are done, and how many there are in all. What goes down is not shown.
func (m *Meter) Set(done, total int64) {
	m.total.Store(total)
	atLeast(&m.done, done)
}

// Snapshot implements Source.
func (m *Meter) Snapshot() Snapshot {
	s := Snapshot{Elapsed: time.Since(m.start)}
	if total := m.total.Load(); total > 0 {
		done := min(m.done.Load(), total)
		s.InputBytes = total
		s.Stages = []Stage{{
			Name: m.name, Weight: 1, Begun: true, Done: done, Total: total, Bytes: done, Input: total, Elapsed: s.Elapsed,
		}}
		s.Weigh()
		if done == total {
			s.State = "finishing"
		}
	}
	return s
}

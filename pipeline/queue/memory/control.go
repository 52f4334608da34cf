package memory

import (
	"time"

	"github.com/millrace/millrace/pipeline"
)

// Lose takes a task off the queue that nobody has done: it is delivered no more, and who has it in hand keeps it. Its subjects
// stay taken, so only another round of Requeue, or Void, brings it back. It says whether there was one to lose.
func (q *Queue) Lose(t pipeline.Task) bool {
	return q.control(t, func(s *stage, m *message) bool {
		lost := m.at != gone
		s.forget(m)
		return lost
	})
}

// LoseAck lets the next ack of a task go unheard: whoever acks is told that all is well, and the task comes again when the ack
// wait is over. It says whether the task was ever published.
func (q *Queue) LoseAck(t pipeline.Task) bool {
	return q.control(t, func(_ *stage, m *message) bool {
		m.deaf = true
		return true
	})
}

// Redeliver hands a task out once more, at once, though somebody has it in hand or has acked it. It says whether the task was
// ever delivered, or lost.
func (q *Queue) Redeliver(t pipeline.Task) bool {
	return q.control(t, func(s *stage, m *message) bool {
		if m.at == gone {
			m.at = inHands
			s.hands = append(s.hands, m)
		}
		m.due = time.Now()
		return m.at == inHands
	})
}

// Delay keeps a task from being delivered for so long, as if somebody had taken it and given it back. It says whether the task
// is in the queue.
func (q *Queue) Delay(t pipeline.Task, d time.Duration) bool {
	return q.control(t, func(s *stage, m *message) bool {
		if m.at == gone {
			return false
		}
		if m.at == waiting {
			s.forget(m)
			m.at = inHands
			s.hands = append(s.hands, m)
		}
		m.due = time.Now().Add(d)
		return true
	})
}

// Stall lets a stage hand out nothing any more, until Revive. A stage that is not there panics.
func (q *Queue) Stall(stage string) {
	s, err := q.run.stage(stage)
	if err != nil {
		panic(err) // programmer error
	}
	q.run.mu.Lock()
	defer q.run.mu.Unlock()
	s.stalled = true
}

// control does something with the message of a task that was published last, and says what that says; false: there is none.
func (q *Queue) control(t pipeline.Task, do func(*stage, *message) bool) bool {
	q.run.mu.Lock()
	defer q.run.mu.Unlock()
	var last *message
	for _, m := range q.run.tasks {
		if m.task == t && (last == nil || m.seq > last.seq) {
			last = m
		}
	}
	if last == nil {
		return false
	}
	defer q.run.wake()
	return do(q.run.stages[t.Stage], last)
}

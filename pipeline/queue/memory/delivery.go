package memory

import (
	"context"
	"fmt"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// delivery is a task in hand. As with NATS, what it says is of the task: the word of a worker that was too slow counts as
// much as that of the worker which has the task now.
type delivery struct {
	queue   *Queue
	message *message
}

// Task implements pipeline.Delivery.
func (d *delivery) Task() pipeline.Task { return d.message.task }

// Working implements pipeline.Delivery.
func (d *delivery) Working() error {
	return d.say("working on", func(_ *stage, m *message) { m.due = time.Now().Add(d.queue.run.ackWait) })
}

// Nak implements pipeline.Delivery.
func (d *delivery) Nak(delay time.Duration) error {
	return d.say("give back", func(_ *stage, m *message) { m.due = time.Now().Add(delay) })
}

// Ack implements pipeline.Delivery.
func (d *delivery) Ack(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("ack %s: %w", d.Task(), err)
	}
	return d.say("ack", func(s *stage, m *message) {
		if m.deaf {
			m.deaf = false
			return
		}
		s.forget(m)
	})
}

// say does what is said of the task, if it still is in anybody's hands.
func (d *delivery) say(word string, then func(*stage, *message)) error {
	if err := d.queue.open(); err != nil {
		return fmt.Errorf("%s %s: %w", word, d.Task(), err)
	}
	r := d.queue.run
	r.mu.Lock()
	defer r.mu.Unlock()
	if d.message.at == inHands {
		then(r.stages[d.message.task.Stage], d.message)
		r.wake()
	}
	return nil
}

package queue

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// delivery is a task in hand. Its words go to the reply subject of the message.
type delivery struct {
	run   *Run
	task  pipeline.Task
	reply string
}

// Task implements pipeline.Delivery.
func (d *delivery) Task() pipeline.Task { return d.task }

// Working implements pipeline.Delivery.
func (d *delivery) Working() error { return d.say("+WPI") }

// Nak implements pipeline.Delivery.
func (d *delivery) Nak(delay time.Duration) error {
	if delay <= 0 {
		return d.say("-NAK")
	}
	return d.say(`-NAK {"delay":` + strconv.FormatInt(int64(delay), 10) + `}`)
}

// term takes the task off the queue.
func (d *delivery) term(reason string) error { return d.say("+TERM " + reason) }

func (d *delivery) say(word string) error {
	if err := d.run.nc.Publish(d.reply, []byte(word)); err != nil {
		return fmt.Errorf("%.4s %s: %w", word, d.task, unreachable(err))
	}
	return nil
}

// Ack implements pipeline.Delivery. It waits for the server, so that a task that was acked is not delivered again while
// the server lives. Invariant 3: the ledger comes first.
func (d *delivery) Ack(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	if _, err := d.run.nc.RequestWithContext(ctx, d.reply, []byte("+ACK")); err != nil {
		return fmt.Errorf("ack %s: %w", d.task, unreachable(err))
	}
	return nil
}

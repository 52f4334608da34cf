package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/pipeline"
)

// enqueueWindow is how many publishes are in flight: enough to hide the way there and back, and few enough for a disk
// that syncs each of them.
const enqueueWindow = 256

// Enqueue implements pipeline.Queue.
func (r *Run) Enqueue(ctx context.Context, tasks ...pipeline.Task) error {
	return r.enqueue(ctx, "", tasks)
}

// Requeue implements pipeline.Queue. The plain subject is taken for ever, so a round has subjects of its own.
func (r *Run) Requeue(ctx context.Context, round int, tasks ...pipeline.Task) error {
	return r.enqueue(ctx, ".r"+strconv.Itoa(round), tasks)
}

func (r *Run) enqueue(ctx context.Context, suffix string, tasks []pipeline.Task) error {
	for window := range slices.Chunk(tasks, enqueueWindow) {
		msgs := make([]*nats.Msg, len(window))
		for i, t := range window {
			subject, err := r.taskSubject("task", t)
			if err != nil {
				return fmt.Errorf("enqueue: %w", err)
			}
			data, err := json.Marshal(t)
			if err != nil {
				return fmt.Errorf("enqueue %s: %w", t, err)
			}
			msgs[i] = &nats.Msg{
				Subject: subject + suffix, Data: data, Header: nats.Header{jetstream.ExpectedLastSubjSeqHeader: {"0"}},
			}
		}
		if err := r.publishAll(ctx, msgs); err != nil {
			return fmt.Errorf("enqueue %d tasks from %s: %w", len(window), window[0], err)
		}
	}
	return nil
}

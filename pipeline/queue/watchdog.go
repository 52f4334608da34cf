package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/pipeline"
)

var _ pipeline.Watchdog = (*Run)(nil)

// look is what the watchdog sees of a consumer.
type look struct {
	idle      bool   // tasks wait, and so do workers, and none is on its way
	delivered uint64 // how many deliveries there have been
	floor     uint64
}

func lookAt(info *jetstream.ConsumerInfo) look {
	return look{
		idle:      !info.Paused && info.NumPending > 0 && info.NumWaiting > 0 && info.NumAckPending == 0,
		delivered: info.Delivered.Consumer,
		floor:     info.AckFloor.Stream,
	}
}

// Stuck says whether the consumer of a stage hands out nothing although tasks and workers wait for each other, and whether
// it was the same when this Run looked last. So it takes two calls, some seconds apart, to find one: a healthy consumer is
// in that state for a moment only.
func (r *Run) Stuck(ctx context.Context, stage string) (bool, error) {
	info, err := r.consumer(ctx, stage)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return true, nil // somebody has deleted it
	}
	if err != nil {
		return false, fmt.Errorf("watch stage %s of run %s: %w", stage, r.id, err)
	}
	now := lookAt(info)
	r.mu.Lock()
	defer r.mu.Unlock()
	before, again := r.looks[stage]
	if r.looks == nil {
		r.looks = map[string]look{}
	}
	r.looks[stage] = now
	return again && now.idle && now == before, nil
}

// Revive replaces the consumer of a stage by a new one. Tasks that are in somebody's hands are delivered to others as well:
// the ledger takes one result.
func (r *Run) Revive(ctx context.Context, stage string) error {
	r.mu.Lock()
	delete(r.looks, stage)
	r.mu.Unlock()
	info, err := r.consumer(ctx, stage)
	switch {
	case errors.Is(err, jetstream.ErrConsumerNotFound) && slices.Contains(r.options.Stages, stage): // what was done is handed out once more, and found in the ledger
		err = r.retry(ctx, func(ctx context.Context) error { return r.createConsumer(ctx, stage, r.options) })
	case err == nil:
		err = r.retry(ctx, func(ctx context.Context) error { return r.recreate(ctx, info.Config, info.AckFloor.Stream) })
	}
	if err != nil {
		return fmt.Errorf("revive stage %s of run %s: %w", stage, r.id, err)
	}
	return nil
}

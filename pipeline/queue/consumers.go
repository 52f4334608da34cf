package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/pipeline"
)

// pauseYears is for ever: the server wants an end.
const pauseYears = 50

// resumeDelay is until a pause ends that is over: the server wakes the pull requests that wait when the end comes, not if it
// lies in the past.
const resumeDelay = 200 * time.Millisecond

func (r *Run) createConsumer(ctx context.Context, stage string, o Options) error {
	cfg := jetstream.ConsumerConfig{
		Durable:       stage,
		FilterSubject: r.subject("task", stage, ">"),
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       o.AckWait,
		MaxAckPending: o.MaxAckPending,
		MaxDeliver:    -1, // attempts are counted in the stream
		DeliverPolicy: jetstream.DeliverAllPolicy,
		MemoryStorage: o.Exclusive, // see Options
	}
	c, err := r.handle.Consumer(ctx, stage)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		_, err = r.handle.CreateConsumer(ctx, cfg)
		return err
	}
	if err != nil {
		return err
	}
	info := c.CachedInfo()
	cfg.PauseUntil = info.Config.PauseUntil
	last := r.handle.CachedInfo().State.LastSeq
	// A consumer ahead of its stream has outlived messages that a power loss took: it would pass over their successors.
	ahead := info.Delivered.Stream > last
	if o.Exclusive && (info.NumAckPending > 0 || ahead) {
		return r.recreate(ctx, cfg, min(info.AckFloor.Stream, last))
	}
	if info.Config.AckWait != o.AckWait || info.Config.MaxAckPending != o.MaxAckPending {
		cfg = info.Config
		cfg.AckWait, cfg.MaxAckPending = o.AckWait, o.MaxAckPending
		_, err = r.handle.UpdateConsumer(ctx, cfg)
	}
	return err
}

// recreate replaces a consumer by one that starts behind the floor. Below it everything is acked; what was acked above it
// comes again and is found in the ledger, and so does what is in somebody's hands.
func (r *Run) recreate(ctx context.Context, cfg jetstream.ConsumerConfig, floor uint64) error {
	err := r.handle.DeleteConsumer(ctx, cfg.Durable)
	if err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return err
	}
	cfg.DeliverPolicy, cfg.OptStartSeq = jetstream.DeliverByStartSequencePolicy, floor+1
	_, err = r.handle.CreateConsumer(ctx, cfg)
	return err
}

// consumers returns the state of every stage's consumer, by name.
func (r *Run) consumers(ctx context.Context) ([]*jetstream.ConsumerInfo, error) {
	var names []string
	err := r.retry(ctx, func(ctx context.Context) error {
		names = nil
		lister := r.handle.ConsumerNames(ctx)
		for n := range lister.Name() {
			names = append(names, n)
		}
		return lister.Err()
	})
	if err != nil {
		return nil, err
	}
	var list []*jetstream.ConsumerInfo
	for _, n := range names {
		info, err := r.consumer(ctx, n)
		if errors.Is(err, jetstream.ErrConsumerNotFound) { // of a reader who has gone
			continue
		}
		if err != nil {
			return nil, err
		}
		if info.Config.Durable != "" {
			list = append(list, info)
		}
	}
	slices.SortFunc(list, func(a, b *jetstream.ConsumerInfo) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

func (r *Run) consumer(ctx context.Context, name string) (info *jetstream.ConsumerInfo, err error) {
	err = r.retry(ctx, func(ctx context.Context) error {
		c, err := r.handle.Consumer(ctx, name)
		if err == nil {
			info = c.CachedInfo()
		}
		return err
	})
	return info, err
}

// StageBacklog says how far the queue of a stage is.
type StageBacklog struct {
	Stage       string `json:"stage"`
	Waiting     int    `json:"waiting"`     // tasks that nobody has got yet
	Working     int    `json:"working"`     // tasks in somebody's hands, or given back and waiting for their delay
	Redelivered int    `json:"redelivered"` // of those, how many were delivered before
}

// Stages returns the backlog of every stage, by name. The counts follow Enqueue and Ack with a little
// delay.
func (r *Run) Stages(ctx context.Context) ([]StageBacklog, error) {
	infos, err := r.consumers(ctx)
	if err != nil {
		return nil, fmt.Errorf("backlog of run %s: %w", r.id, err)
	}
	list := make([]StageBacklog, len(infos))
	for i, info := range infos {
		list[i] = StageBacklog{
			Stage: info.Name, Waiting: int(info.NumPending), Working: info.NumAckPending, Redelivered: info.NumRedelivered,
		}
	}
	return list, nil
}

// Backlog implements pipeline.Queue. The counts follow Enqueue and Ack with a little delay. A task that was given back and
// waits for its delay counts as worked on.
func (r *Run) Backlog(ctx context.Context, stage string) (waiting, working int, err error) {
	info, err := r.consumer(ctx, stage)
	if err != nil {
		return 0, 0, fmt.Errorf("backlog of %s in run %s: %w", stage, r.id, err)
	}
	return int(info.NumPending), info.NumAckPending, nil
}

// Pause stops the server from handing out tasks of the run, to anybody, until Resume. What is in somebody's hands goes on.
func (r *Run) Pause(ctx context.Context) error {
	return r.setPause(ctx, "pause", time.Now().AddDate(pauseYears, 0, 0))
}

// Resume ends a Pause. Resuming a run that is not paused changes nothing.
func (r *Run) Resume(ctx context.Context) error {
	if err := r.setPause(ctx, "resume", time.Now().Add(resumeDelay)); err != nil {
		return err
	}
	_ = pipeline.Sleep(ctx, resumeDelay)
	return nil
}

func (r *Run) setPause(ctx context.Context, what string, until time.Time) (err error) {
	defer pipeline.Wrap(&err, "%s run %s", what, r.id)
	infos, err := r.consumers(ctx)
	for _, info := range infos {
		if err == nil {
			err = r.retry(ctx, func(ctx context.Context) error {
				_, err := r.handle.PauseConsumer(ctx, info.Name, until)
				return err
			})
		}
	}
	return err
}

// Paused says whether any stage of the run is paused.
func (r *Run) Paused(ctx context.Context) (bool, error) {
	infos, err := r.consumers(ctx)
	if err != nil {
		return false, fmt.Errorf("look whether run %s is paused: %w", r.id, err)
	}
	return slices.ContainsFunc(infos, func(info *jetstream.ConsumerInfo) bool { return info.Paused }), nil
}

package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/pipeline"
)

// Schedule says when runs are wanted: a cron expression of six fields (seconds first), in a time zone.
type Schedule struct {
	Cron     string
	TimeZone string // IANA name; "" is UTC
}

// Headers of a schedule, which the server acts on (NATS ADR-51).
const (
	scheduleHeader = "Nats-Schedule"
	targetHeader   = "Nats-Schedule-Target"
	zoneHeader     = "Nats-Schedule-Time-Zone"
)

func (c *Control) scheduleSubject() string { return "millrace.sched." + c.name }
func (c *Control) fireSubject() string     { return "millrace.trigger." + c.name }

// openSchedule makes the stream of the schedule unless it is there. The newest message of each subject stays: a fire that
// nobody has seen gives way to the next one.
func (c *Control) openSchedule(ctx context.Context, replicas int) (stream, error) {
	s, err := newStream(c.nc, "MILLRACE_SCHED_"+c.name, c.patience, ErrNoControl)
	if err != nil {
		return s, err
	}
	err = s.retry(ctx, func(ctx context.Context) error {
		_, err := s.js.CreateStream(ctx, jetstream.StreamConfig{
			Name:              s.name,
			Subjects:          []string{c.scheduleSubject(), c.fireSubject()},
			Retention:         jetstream.LimitsPolicy,
			Storage:           jetstream.FileStorage,
			MaxMsgsPerSubject: 1,
			AllowMsgSchedules: true,
			AllowMsgTTL:       true,
			AllowDirect:       true,
			Replicas:          max(replicas, 1),
		})
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			return nil
		}
		return err
	})
	if err != nil {
		return s, err
	}
	return s, s.bind(ctx)
}

// SetSchedule makes the server fire by this schedule, or by none if s is nil, from now on and without any process of ours.
// It is safe to call it again, by several processes too, and returns since when this schedule stands, by the server's clock. A
// schedule that the server does not understand is a pipeline.ErrUsage.
func (c *Control) SetSchedule(ctx context.Context, s *Schedule, replicas int) (since time.Time, err error) {
	defer pipeline.Wrap(&err, "set the schedule")
	st, err := c.openSchedule(ctx, replicas)
	if err != nil {
		return since, err
	}
	stands, err := st.last(ctx, c.scheduleSubject())
	if err != nil {
		return since, err
	}
	if s == nil {
		if stands == nil {
			return since, nil
		}
		return since, st.retry(ctx, func(ctx context.Context) error {
			return st.handle.Purge(ctx, jetstream.WithPurgeSubject(c.scheduleSubject()))
		})
	}
	header := nats.Header{scheduleHeader: {s.Cron}, targetHeader: {c.fireSubject()}}
	if s.TimeZone != "" {
		header.Set(zoneHeader, s.TimeZone)
	}
	if stands != nil && stands.Header.Get(scheduleHeader) == s.Cron && stands.Header.Get(zoneHeader) == s.TimeZone {
		return stands.Time, nil
	}
	var last uint64
	if stands != nil {
		last = stands.Sequence
	}
	_, err = st.compareAndSetMsg(ctx, &nats.Msg{Subject: c.scheduleSubject(), Header: header}, last)
	if e, ok := errors.AsType[*jetstream.APIError](err); ok {
		return since, fmt.Errorf("%w: %q in zone %q: %s", pipeline.ErrUsage, s.Cron, s.TimeZone, e.Description)
	}
	if err != nil && !errors.Is(err, errMismatch) { // another process has the same config, or will be asked again
		return since, err
	}
	if stands, err = st.last(ctx, c.scheduleSubject()); err != nil || stands == nil {
		return since, err
	}
	return stands.Time, nil
}

// Fires calls f with the time of every fire of the schedule that was not cleared, then of each new one, until ctx ends or f
// returns an error. Fires that nobody has seen are one, the newest. f gets a number for ClearFires.
func (c *Control) Fires(ctx context.Context, replicas int, f func(at time.Time, upTo uint64) error) error {
	s, err := c.openSchedule(ctx, replicas)
	if err == nil {
		err = s.follow(ctx, c.fireSubject(), func(m jetstream.Msg, seq uint64) error {
			meta, err := m.Metadata()
			if err != nil {
				return err
			}
			return f(meta.Timestamp, seq)
		})
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("watch the schedule: %w", err)
}

// ClearFires removes fires that were acted on.
func (c *Control) ClearFires(ctx context.Context, upTo uint64) (err error) {
	defer pipeline.Wrap(&err, "clear the schedule's fires")
	s, err := c.openSchedule(ctx, 0)
	if err != nil {
		return err
	}
	return s.retry(ctx, func(ctx context.Context) error {
		return s.handle.Purge(ctx, jetstream.WithPurgeSubject(c.fireSubject()), jetstream.WithPurgeSequence(upTo+1))
	})
}

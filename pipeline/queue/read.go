package queue

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/pipeline"
)

const (
	// readHeartbeat is how often the server says that it still serves a reader: two of them missing, and it is asked anew.
	readHeartbeat = 2 * time.Second
	readExpires   = 10 * time.Second
	// readerThreshold is when the server forgets a reader that has gone.
	readerThreshold = time.Minute
	// idle is how long a reader that has an end waits for a message before it looks whether the end is still there.
	idle = time.Second
	// silence is how long the consumer of a reader without an end may keep a message back. One of a server that has just come back can step over
	// messages that this server gets from the others only then, and never returns to them.
	silence = 5 * time.Second
)

var (
	errGap  = errors.New("messages were lost on their way")
	errDone = errors.New("read to the end")
	// errSilent says that no message has come for a while.
	errSilent = errors.New("no message has come")
)

// reader reads messages of a stream in order, each once, over restarts and changes of leaders. (The ordered consumer of
// nats.go asks for a new consumer without heed of the context, and trusts that a stream's end never goes back.)
type reader struct {
	s      *stream
	filter string
	f      func(m jetstream.Msg, seq uint64) error

	seq       uint64    // of the last message that f has seen
	time      time.Time // when that was published: tells whether it is still the same
	delivered uint64    // by the consumer that is open
}

// follow calls f with the messages on the subjects of filter, those that exist first. It ends with ctx, with an error of
// f, with the stream or with the connection. If the server has lost what was read already, everything comes again.
func (s *stream) follow(ctx context.Context, filter string, f func(m jetstream.Msg, seq uint64) error) error {
	r := &reader{s: s, filter: filter, f: f}
	return r.run(ctx, func(ctx context.Context, m jetstream.MessagesContext) error {
		err := r.within(ctx, m, silence)
		if !errors.Is(err, errSilent) {
			return err
		}
		end, err := s.end(ctx, filter)
		if err == nil && r.seq < end {
			return errGap
		}
		return err
	})
}

// scan calls f with the messages on the subjects of filter that exist now, and with some that come meanwhile.
func (s *stream) scan(ctx context.Context, filter string, f func(m jetstream.Msg, seq uint64) error) error {
	end, err := s.end(ctx, filter)
	if err != nil || end == 0 {
		return err
	}
	r := &reader{s: s, filter: filter, f: f}
	var heard time.Time // when a message came last, or a consumer was asked first
	var from jetstream.MessagesContext
	limit := idle // doubles, so that a slow server is not asked for ever
	return r.run(ctx, func(ctx context.Context, m jetstream.MessagesContext) error {
		if r.seq >= end {
			return errDone
		}
		if m != from {
			from, heard = m, time.Now()
		}
		err := r.within(ctx, m, idle)
		switch {
		case err == nil:
			heard = time.Now()
			return nil
		case !errors.Is(err, errSilent):
			return err
		}
		// A message that was removed does not come.
		if end, err = s.end(ctx, filter); err == nil && r.seq < end && time.Since(heard) >= limit {
			limit *= 2
			return errGap
		}
		return err
	})
}

// end is the sequence of the last message on the subjects of filter, 0 if there is none.
func (s *stream) end(ctx context.Context, filter string) (uint64, error) {
	msg, err := s.last(ctx, filter)
	if err != nil || msg == nil {
		return 0, err
	}
	return msg.Sequence, nil
}

// run does step with an open consumer until it is done, and opens another when one fails.
func (r *reader) run(ctx context.Context, step func(context.Context, jetstream.MessagesContext) error) error {
	for {
		c, err := r.open(ctx)
		if err != nil {
			return err
		}
		m, err := c.Messages(jetstream.PullExpiry(readExpires), jetstream.PullHeartbeat(readHeartbeat),
			jetstream.WithMessagesErrOnMissingHeartbeat(true))
		for err == nil {
			err = step(ctx, m)
		}
		if m != nil {
			m.Stop()
		}
		// Nobody waits for the answer: the server forgets it anyway.
		_ = r.s.nc.Publish("$JS.API.CONSUMER.DELETE."+r.s.name+"."+c.CachedInfo().Name, nil)
		if errors.Is(err, errDone) {
			return nil
		}
		if e, ok := errors.AsType[*readError](err); ok {
			return e.err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if r.s.nc.IsClosed() {
			return unreachable(nats.ErrConnectionClosed)
		}
		if err := pipeline.Sleep(ctx, firstBackoff); err != nil {
			return err
		}
	}
}

// readError is an error of who reads, not of the way.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }

// within passes one message on, or returns errSilent if none comes for so long.
func (r *reader) within(ctx context.Context, messages jetstream.MessagesContext, limit time.Duration) error {
	wait, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	m, err := messages.Next(jetstream.NextContext(wait))
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return errSilent
	}
	if err != nil {
		return err
	}
	meta, err := m.Metadata()
	if err != nil {
		return err
	}
	if meta.Sequence.Consumer != r.delivered+1 {
		return errGap
	}
	r.delivered++
	if err := r.f(m, meta.Sequence.Stream); err != nil {
		return &readError{err}
	}
	r.seq, r.time = meta.Sequence.Stream, meta.Timestamp
	return nil
}

// open makes a consumer that goes on behind the last message that was read.
func (r *reader) open(ctx context.Context) (c jetstream.Consumer, err error) {
	r.delivered = 0
	err = r.s.retry(ctx, func(ctx context.Context) error {
		if err := r.check(ctx); err != nil {
			return err
		}
		c, err = r.s.js.CreateConsumer(ctx, r.s.name, jetstream.ConsumerConfig{
			FilterSubject: r.filter, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1,
			DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: r.seq + 1,
			InactiveThreshold: readerThreshold,
		})
		return err
	})
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		err = r.s.gone
	}
	return c, err
}

// check starts over if the last message that was read is not the one that lies there: a server that lost power may have
// lost its newest messages, and gives their numbers to others.
func (r *reader) check(ctx context.Context) error {
	if r.seq == 0 {
		return nil
	}
	msg, err := r.s.message(ctx, r.seq)
	if err != nil {
		return err
	}
	if msg == nil || !msg.Time.Equal(r.time) {
		r.seq = 0
	}
	return nil
}

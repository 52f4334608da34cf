package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"millrace/pipeline"
)

// errMismatch says that a compare-and-set lost.
var errMismatch = errors.New("the subject has moved on")

// writerHeader carries a random word, by which a publish whose answer was lost knows its own message again.
const writerHeader = "Millrace-Writer"

// enqueueWindow is how many publishes are in flight: enough to hide the way there and back, and few enough for a disk
// that syncs each of them.
const enqueueWindow = 256

// compareAndSet publishes to a subject whose last message is the one of sequence last (0: none), or returns errMismatch.
func (r *Run) compareAndSet(ctx context.Context, subject string, data []byte, last uint64) (seq uint64, err error) {
	writer := strconv.FormatUint(rand.Uint64(), 36)
	msg := &nats.Msg{Subject: subject, Data: data, Header: nats.Header{writerHeader: {writer}}}
	tries := 0
	err = r.retry(ctx, func(ctx context.Context) error {
		tries++
		ack, err := r.js.PublishMsg(ctx, msg, jetstream.WithExpectLastSequencePerSubject(last))
		if err == nil {
			seq = ack.Sequence
		}
		return err
	})
	if !isMismatch(err) {
		return seq, err
	}
	if tries > 1 {
		stands, err := r.last(ctx, subject)
		if err != nil {
			return 0, err
		}
		if stands != nil && stands.Header.Get(writerHeader) == writer {
			return stands.Sequence, nil
		}
	}
	return 0, errMismatch
}

// last reads the last message of a subject, nil if there is none.
func (r *Run) last(ctx context.Context, subject string) (msg *jetstream.RawStreamMsg, err error) {
	err = r.retry(ctx, func(ctx context.Context) (err error) {
		msg, err = r.handle.GetLastMsgForSubject(ctx, subject)
		return err
	})
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	return msg, err
}

// Enqueue implements pipeline.Queue.
func (r *Run) Enqueue(ctx context.Context, tasks ...pipeline.Task) error {
	return r.enqueue(ctx, "", tasks)
}

// Requeue implements pipeline.Queue. The plain subject is taken for ever, so a round has subjects of its own.
func (r *Run) Requeue(ctx context.Context, round int, tasks ...pipeline.Task) error {
	return r.enqueue(ctx, ".r"+strconv.Itoa(round), tasks)
}

func (r *Run) enqueue(ctx context.Context, suffix string, tasks []pipeline.Task) error {
	for chunk := range slices.Chunk(tasks, enqueueWindow) {
		msgs := make([]*nats.Msg, len(chunk))
		for i, t := range chunk {
			subject, err := r.taskSubject("task", t)
			if err != nil {
				return fmt.Errorf("enqueue: %w", err)
			}
			data, err := json.Marshal(t)
			if err != nil {
				return fmt.Errorf("enqueue %s: %w", t, err)
			}
			msgs[i] = &nats.Msg{Subject: subject + suffix, Data: data}
		}
		err := r.retry(ctx, func(ctx context.Context) (err error) {
			msgs, err = r.publishNew(ctx, msgs)
			return err
		})
		if err != nil {
			return fmt.Errorf("enqueue %d tasks from %s: %w", len(chunk), chunk[0], err)
		}
	}
	return nil
}

// publishNew publishes to subjects that have no message; one that has is fine. It returns what is to be tried again, and
// why.
func (r *Run) publishNew(ctx context.Context, msgs []*nats.Msg) (again []*nats.Msg, why error) {
	futures := make([]jetstream.PubAckFuture, len(msgs))
	for i, m := range msgs {
		f, err := r.js.PublishMsgAsync(m, jetstream.WithExpectLastSequencePerSubject(0))
		if err != nil {
			again, why = append(again, msgs[i:]...), err
			break
		}
		futures[i] = f
	}
	for i, f := range futures {
		if f == nil {
			break
		}
		select {
		case <-f.Ok():
		case err := <-f.Err():
			if !isMismatch(err) {
				again, why = append(again, msgs[i]), err
			}
		case <-ctx.Done():
			return msgs, ctx.Err()
		}
	}
	return again, why
}

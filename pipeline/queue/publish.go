package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

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
		ack, err := r.js.PublishMsg(ctx, msg, jetstream.WithExpectLastSequencePerSubject(last),
			jetstream.WithRetryAttempts(0))
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
		err := r.retry(ctx, func(ctx context.Context) (err error) {
			msgs, err = r.publishNew(ctx, msgs)
			return err
		})
		if err != nil {
			return fmt.Errorf("enqueue %d tasks from %s: %w", len(window), window[0], err)
		}
	}
	return nil
}

// publishNew publishes, all at once and in order, to subjects that have no message; one that has is fine. It returns what
// is to be tried again, and why. (The asynchronous publisher of nats.go can leave a goroutine behind.)
func (r *Run) publishNew(ctx context.Context, msgs []*nats.Msg) (again []*nats.Msg, why error) {
	inbox := r.nc.NewInbox() + "."
	answers := make(chan *nats.Msg, len(msgs)) // one each; the client drops what does not fit
	sub, err := r.nc.ChanSubscribe(inbox+"*", answers)
	if err != nil {
		return msgs, err
	}
	defer func() { _ = sub.Unsubscribe() }() // fails only if the connection is closed
	for i, m := range msgs {
		m.Reply = inbox + strconv.Itoa(i)
		if err := r.nc.PublishMsg(m); err != nil {
			return msgs, err
		}
	}
	for range msgs {
		var answer *nats.Msg
		select {
		case answer = <-answers:
		case <-ctx.Done():
			return msgs, ctx.Err()
		}
		i, err := strconv.Atoi(strings.TrimPrefix(answer.Subject, inbox))
		if err != nil || i >= len(msgs) {
			return msgs, fmt.Errorf("answer on %s, which nobody gave out", answer.Subject)
		}
		if err := publishAnswer(answer); err != nil && !isMismatch(err) {
			again, why = append(again, msgs[i]), err
		}
	}
	return again, why
}

// publishAnswer decodes the server's answer to a publish.
func publishAnswer(m *nats.Msg) error {
	if m.Header.Get("Status") != "" {
		return jetstream.ErrNoStreamResponse
	}
	var ack struct {
		Stream string              `json:"stream"`
		Error  *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(m.Data, &ack); err != nil {
		return fmt.Errorf("answer to a publish: %w", err)
	}
	if ack.Error != nil {
		return ack.Error
	}
	if ack.Stream == "" {
		return jetstream.ErrInvalidJSAck
	}
	return nil
}

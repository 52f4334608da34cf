package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// errMismatch says that a compare-and-set lost.
var errMismatch = errors.New("the subject has moved on")

// writerHeader carries a random word, by which a publish whose answer was lost knows its own message again.
const writerHeader = "Millrace-Writer"

// stream is one stream of the server, with requests that ride out its absence.
type stream struct {
	name     string
	nc       *nats.Conn
	js       jetstream.JetStream
	handle   jetstream.Stream // set once it is known that the stream exists
	patience time.Duration
	gone     error // what a stream that does not exist means
}

func newStream(nc *nats.Conn, name string, patience time.Duration, gone error) (stream, error) {
	js, err := jetstream.New(nc)
	return stream{name: name, nc: nc, js: js, patience: cmp.Or(patience, defaultPatience), gone: gone}, err
}

// bind looks the stream up, and keeps the first handle: it goes by the name, so it is good for a stream that was made anew as well.
func (s *stream) bind(ctx context.Context) error {
	handle, err := s.lookUp(ctx)
	if err == nil && s.handle == nil {
		s.handle = handle
	}
	return err
}

// lookUp asks for the stream; the error is gone if it does not exist. It may be called while the stream is used.
func (s *stream) lookUp(ctx context.Context) (handle jetstream.Stream, err error) {
	err = s.retry(ctx, func(ctx context.Context) (err error) {
		handle, err = s.js.Stream(ctx, s.name)
		return err
	})
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, s.gone
	}
	return handle, err
}

// retry does try until it succeeds, fails for good, or patience or ctx end. Each try has a context of its own.
func (s *stream) retry(ctx context.Context, try func(ctx context.Context) error) error {
	waited := patient{limit: s.patience}
	for backoff := firstBackoff; ; backoff = min(2*backoff, lastBackoff) {
		var err error
		waited.during(tryTimeout, func() { err = once(ctx, tryTimeout, try) })
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrNoStreamResponse) {
			if _, infoErr := s.js.Stream(ctx, s.name); errors.Is(infoErr, jetstream.ErrStreamNotFound) {
				return s.gone
			}
		}
		if s.nc.IsClosed() { // the client's own errors do not always say so
			err = errors.Join(nats.ErrConnectionClosed, err)
		}
		if !isTransient(err) || s.nc.IsClosed() || waited.out() {
			return unreachable(s.explain(err))
		}
		waited.sleep(ctx, backoff)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// explain adds what the server said beside the requests: it does not answer what it does not allow.
func (s *stream) explain(err error) error {
	if last := s.nc.LastError(); isTransient(err) && errors.Is(last, nats.ErrPermissionViolation) {
		return errors.Join(err, last)
	}
	return err
}

func once(ctx context.Context, timeout time.Duration, try func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return try(ctx)
}

// compareAndSet publishes to a subject whose last message is the one of sequence last (0: none), or returns errMismatch.
func (s *stream) compareAndSet(ctx context.Context, subject string, data []byte, last uint64) (seq uint64, err error) {
	return s.compareAndSetMsg(ctx, &nats.Msg{Subject: subject, Data: data}, last)
}

// compareAndSetMsg is compareAndSet for a message with headers.
func (s *stream) compareAndSetMsg(ctx context.Context, msg *nats.Msg, last uint64) (seq uint64, err error) {
	writer := strconv.FormatUint(rand.Uint64(), 36)
	if msg.Header == nil {
		msg.Header = nats.Header{}
	}
	msg.Header.Set(writerHeader, writer)
	tries := 0
	err = s.retry(ctx, func(ctx context.Context) error {
		tries++
		ack, err := s.js.PublishMsg(ctx, msg, jetstream.WithExpectLastSequencePerSubject(last),
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
		stands, err := s.last(ctx, msg.Subject)
		if err != nil {
			return 0, err
		}
		if stands != nil && stands.Header.Get(writerHeader) == writer {
			return stands.Sequence, nil
		}
	}
	return 0, errMismatch
}

// last reads the last message of a subject, nil if there is none. It asks the leader: another replica, or the server that
// answers direct requests, may not have heard of a message that was acknowledged.
func (s *stream) last(ctx context.Context, subject string) (*nats.RawStreamMsg, error) {
	return s.ask(ctx, map[string]any{"last_by_subj": subject})
}

// message reads one message from the leader, nil if there is none.
func (s *stream) message(ctx context.Context, seq uint64) (*nats.RawStreamMsg, error) {
	return s.ask(ctx, map[string]any{"seq": seq})
}

func (s *stream) ask(ctx context.Context, what map[string]any) (msg *nats.RawStreamMsg, err error) {
	request, err := json.Marshal(what)
	if err != nil {
		return nil, err
	}
	err = s.retry(ctx, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, askTimeout)
		defer cancel()
		answer, err := s.nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+s.name, request)
		if err != nil {
			return err
		}
		msg, err = storedMessage(answer.Data)
		return err
	})
	if e, ok := errors.AsType[*jetstream.APIError](err); ok {
		switch e.ErrorCode {
		case codeNoMessage:
			return nil, nil
		case jetstream.JSErrCodeStreamNotFound:
			return nil, s.gone
		}
	}
	return msg, err
}

// storedMessage decodes the server's answer to a request for one message.
func storedMessage(data []byte) (*nats.RawStreamMsg, error) {
	var answer struct {
		Error   *jetstream.APIError `json:"error"`
		Message *struct {
			Subject  string    `json:"subject"`
			Sequence uint64    `json:"seq"`
			Header   []byte    `json:"hdrs"`
			Data     []byte    `json:"data"`
			Time     time.Time `json:"time"`
		} `json:"message"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, fmt.Errorf("answer to a read: %w", err)
	}
	if answer.Error != nil {
		return nil, answer.Error
	}
	m := answer.Message
	if m == nil {
		return nil, errors.New("answer to a read without a message")
	}
	var header nats.Header
	if len(m.Header) > 0 {
		var err error
		if header, err = nats.DecodeHeadersMsg(m.Header); err != nil {
			return nil, fmt.Errorf("header of a stored message: %w", err)
		}
	}
	return &nats.RawStreamMsg{Subject: m.Subject, Sequence: m.Sequence, Header: header, Data: m.Data, Time: m.Time}, nil
}

// lastDirect is last from whichever replica answers first: it may miss what is new.
func (s *stream) lastDirect(ctx context.Context, subject string) (msg *jetstream.RawStreamMsg, err error) {
	err = s.retry(ctx, func(ctx context.Context) (err error) {
		msg, err = s.handle.GetLastMsgForSubject(ctx, subject)
		return err
	})
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	return msg, err
}

// publishAll publishes, all at once and in order, and waits for the answers. A compare-and-set that came too late is fine.
func (s *stream) publishAll(ctx context.Context, msgs []*nats.Msg) error {
	return s.retry(ctx, func(ctx context.Context) (err error) {
		msgs, err = s.publishOnce(ctx, msgs)
		return err
	})
}

// publishOnce returns what of the messages is to be tried again, and why. (The asynchronous publisher of nats.go can leave
// a goroutine behind.)
func (s *stream) publishOnce(ctx context.Context, msgs []*nats.Msg) (again []*nats.Msg, why error) {
	inbox := s.nc.NewInbox() + "."
	answers := make(chan *nats.Msg, len(msgs)) // one each; the client drops what does not fit
	sub, err := s.nc.ChanSubscribe(inbox+"*", answers)
	if err != nil {
		return msgs, err
	}
	defer func() { _ = sub.Unsubscribe() }() // fails only if the connection is closed
	for i, m := range msgs {
		m.Reply = inbox + strconv.Itoa(i)
		if err := s.nc.PublishMsg(m); err != nil {
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

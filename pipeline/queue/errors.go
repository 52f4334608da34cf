package queue

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/pipeline"
)

// ErrGone says that the run has no stream: it was never created, or is deleted.
var ErrGone = errors.New("the run is not in the queue")

const (
	// tryTimeout is how long one request may take, defaultPatience how long requests are repeated before NATS is given up.
	// A small question has less time: while there is no leader nobody answers it, and it is better asked again.
	tryTimeout      = 5 * time.Second
	askTimeout      = 2 * time.Second
	defaultPatience = 30 * time.Second

	firstBackoff = 5 * time.Millisecond
	lastBackoff  = time.Second

	// codeWrongLastSequence is the answer to a compare-and-set that came too late; codeInFlight to one whose subject has a
	// publish that the replicas have not agreed on: it may become the last one, or be lost with the leader.
	codeWrongLastSequence = jetstream.JSErrCodeStreamWrongLastSequence
	codeInFlight          = jetstream.JSErrCodeStreamWrongLastSequenceConstant
	codeNoMessage         = jetstream.JSErrCodeMessageNotFound
	// codeNotCreated is the answer of a server that meets its own removal of a stream while it makes one: their folders are the same.
	codeNotCreated = 10049
	// codeNoRoom is the answer of a server that has not as much left of its max_file_store as a stream reserves.
	codeNoRoom = 10047
)

// errStale says that who was asked has not heard of a message that exists.
var errStale = errors.New("not visible yet")

// isMismatch says whether a compare-and-set found another last sequence.
func isMismatch(err error) bool {
	e, ok := errors.AsType[*jetstream.APIError](err)
	return ok && e.ErrorCode == codeWrongLastSequence
}

// isTransient says whether the same request may succeed in a moment: no answer, too many requests (429), no leader, no
// room yet (503), a compare-and-set on a subject that has a publish in flight, or a stream whose folder was just removed.
func isTransient(err error) bool {
	if e, ok := errors.AsType[*jetstream.APIError](err); ok {
		return e.Code == http.StatusTooManyRequests || e.Code == http.StatusServiceUnavailable ||
			e.ErrorCode == codeInFlight || e.ErrorCode == codeNotCreated
	}
	return pipeline.IsOneOf(err,
		nats.ErrTimeout, context.DeadlineExceeded, nats.ErrNoResponders, nats.ErrDisconnected, nats.ErrReconnectBufExceeded,
		nats.ErrConnectionReconnecting, jetstream.ErrNoStreamResponse, errStale)
}

// withRoom says what a server without room for a stream of so many bytes needs.
func withRoom(err error, reserved int64) error {
	if e, ok := errors.AsType[*jetstream.APIError](err); ok && e.ErrorCode == codeNoRoom {
		return fmt.Errorf("%w: the stream reserves %d GiB of max_file_store, which is three quarters of the free disk of the server unless its "+
			"configuration says more; streams of other corpora and runs reserve as much each", err, reserved>>30)
	}
	return err
}

// unreachable marks an error that means that NATS does not answer.
func unreachable(err error) error {
	if err == nil || errors.Is(err, pipeline.ErrUnreachable) {
		return err
	}
	if isTransient(err) || pipeline.IsOneOf(err,
		nats.ErrConnectionClosed, nats.ErrConnectionDraining, nats.ErrNoServers, jetstream.ErrMsgIteratorClosed) {
		return fmt.Errorf("nats: %w: %w", pipeline.ErrUnreachable, err)
	}
	return err
}

package queue

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"millrace/pipeline"
)

// ErrGone says that the run has no stream: it was never created, or is deleted.
var ErrGone = errors.New("the run is not in the queue")

const (
	// tryTimeout is how long one request may take, patience how long requests are repeated before NATS is given up.
	tryTimeout = 5 * time.Second
	patience   = 30 * time.Second

	firstBackoff = 5 * time.Millisecond
	lastBackoff  = time.Second

	// codeWrongLastSequence is the answer to a compare-and-set that came too late.
	codeWrongLastSequence         = jetstream.JSErrCodeStreamWrongLastSequence
	codeWrongLastSequenceConstant = 10164
)

// errStale says that the replica that was asked has not heard of a message that exists.
var errStale = errors.New("not visible yet")

// isMismatch says whether a compare-and-set found another last sequence.
func isMismatch(err error) bool {
	e, ok := errors.AsType[*jetstream.APIError](err)
	return ok && (e.ErrorCode == codeWrongLastSequence || e.ErrorCode == codeWrongLastSequenceConstant)
}

// isTransient says whether the same request may succeed in a moment: no answer, too many requests (429), no leader, no
// room yet, or a compare-and-set on a subject that has a publish in flight (503).
func isTransient(err error) bool {
	if e, ok := errors.AsType[*jetstream.APIError](err); ok {
		return e.Code == http.StatusTooManyRequests || e.Code == http.StatusServiceUnavailable
	}
	for _, e := range []error{
		nats.ErrTimeout, context.DeadlineExceeded, nats.ErrNoResponders, nats.ErrDisconnected, nats.ErrReconnectBufExceeded,
		nats.ErrConnectionReconnecting, jetstream.ErrNoStreamResponse, errStale,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// unreachable marks an error that means that NATS does not answer.
func unreachable(err error) error {
	if err == nil || errors.Is(err, pipeline.ErrUnreachable) {
		return err
	}
	if isTransient(err) || errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrConnectionDraining) ||
		errors.Is(err, nats.ErrNoServers) || errors.Is(err, jetstream.ErrMsgIteratorClosed) {
		return fmt.Errorf("nats: %w: %w", pipeline.ErrUnreachable, err)
	}
	return err
}

// retry does try until it succeeds, fails for good, or patience or ctx end. Each try has a context of its own.
func (r *Run) retry(ctx context.Context, try func(ctx context.Context) error) error {
	start := time.Now()
	for backoff := firstBackoff; ; backoff = min(2*backoff, lastBackoff) {
		err := once(ctx, try)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrNoStreamResponse) {
			if _, infoErr := r.js.Stream(ctx, r.stream); errors.Is(infoErr, jetstream.ErrStreamNotFound) {
				return fmt.Errorf("run %s: %w", r.id, ErrGone)
			}
		}
		if r.nc.IsClosed() { // the client's own errors do not always say so
			err = errors.Join(nats.ErrConnectionClosed, err)
		}
		if !isTransient(err) || r.nc.IsClosed() || time.Since(start) > patience {
			return unreachable(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(backoff):
		}
	}
}

func once(ctx context.Context, try func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	return try(ctx)
}

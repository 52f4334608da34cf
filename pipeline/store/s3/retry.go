package s3

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/millrace/millrace/pipeline"
)

const (
	firstWait = 100 * time.Millisecond
	longest   = 5 * time.Second
	// patience is how long one request may take, body included. The largest is a part.
	patience = 2 * time.Minute
)

// do sends a request until it gets an answer that another try would not change. The context of request ends with its try.
func (c *client) do(ctx context.Context, request func(ctx context.Context) error) error {
	wait := firstWait
	for try := 1; ; try++ {
		err := c.try(ctx, request)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !transient(err) {
			return err
		}
		if try >= c.attempts {
			err = fmt.Errorf("%w: after %d tries: %w", pipeline.ErrUnreachable, try, err)
			return pipeline.WithHint(err, "check that the service runs, and store.s3.endpoint in the config or AWS_ENDPOINT_URL")
		}
		timer := time.NewTimer(wait/2 + rand.N(wait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
		wait = min(2*wait, longest)
	}
}

func (c *client) try(ctx context.Context, request func(ctx context.Context) error) error {
	if err := ctx.Err(); err != nil { // no write starts on a cancelled context
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return request(ctx)
}

// transient says whether another try may end otherwise. The context of the caller has not ended.
func transient(err error) bool {
	if r, ok := errors.AsType[minio.ErrorResponse](err); ok {
		switch r.Code {
		case "RequestTimeout", "SlowDown", "SlowDownRead", "SlowDownWrite", "InternalError", "RequestError", "Throttling",
			"ThrottlingException", "RequestLimitExceeded", "RequestThrottled", "ServerBusy",
			"ConditionalRequestConflict", "OperationAborted",
			// Of services over a file system, while somebody removes the last object of the same folder.
			"ExistingObjectIsDirectory":
			return true
		}
		switch r.StatusCode {
		case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
			http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
		return false
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return false
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return false
	}
	return !errors.Is(err, pipeline.ErrExists) && !errors.Is(err, fs.ErrNotExist)
}

func status(err error) int {
	r, _ := errors.AsType[minio.ErrorResponse](err)
	return r.StatusCode
}

func code(err error) string {
	r, _ := errors.AsType[minio.ErrorResponse](err)
	return r.Code
}

// wrap names the operation and the object of an error, and gives it the kinds that the rest of the program knows. No error stays none.
func (c *client) wrap(op, key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", op, Location{c.bucket, key}, c.kind(err))
}

func (c *client) kind(err error) error {
	r, ok := errors.AsType[minio.ErrorResponse](err)
	if !ok || errors.Is(err, pipeline.ErrUnreachable) {
		return err
	}
	switch {
	case r.Code == "NoSuchBucket":
		return fmt.Errorf("%w: there is no bucket %s", pipeline.ErrUnreachable, c.bucket)
	case r.Code == "NoSuchKey" || r.Code == "NoSuchUpload" || r.StatusCode == http.StatusNotFound:
		return fs.ErrNotExist
	case r.StatusCode == http.StatusPreconditionFailed:
		return ErrReplaced
	case r.StatusCode == http.StatusUnauthorized || r.StatusCode == http.StatusForbidden:
		err = fmt.Errorf("%s: %w", r.Code, err)
		if r.Code != "AccessDenied" { // of this object; anything else is wrong with whoever asks
			err = fmt.Errorf("%w: %w", pipeline.ErrUnreachable, err)
		}
		return pipeline.WithHint(err, "the credentials are those of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, of the AWS credentials file, or of the machine's role")
	case r.Code != "":
		return fmt.Errorf("%s: %w", r.Code, err)
	}
	return err
}

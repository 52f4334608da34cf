package s3

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
)

// Probe tries out whether the service creates exclusively: what relies on it must not find out by two manifests of one
// version (invariant 6). A service that does not is refused.
func (s *Store) Probe(ctx context.Context) (err error) {
	name := pipeline.Probes + rand.Text() // below the work folder, where no reader sees it
	defer func() { err = errors.Join(err, s.Remove(context.WithoutCancel(ctx), name)) }()
	if err := s.PutNew(ctx, name, []byte("1")); err != nil {
		return fmt.Errorf("try an exclusive create: %w", err)
	}
	switch err := s.PutNew(ctx, name, []byte("2")); {
	case errors.Is(err, pipeline.ErrExists):
		return nil
	case err == nil:
		return pipeline.WithHint(fmt.Errorf("%w: %s ignores If-None-Match: two runs could commit the same version", pipeline.ErrUsage, s.root),
			"use a store that knows conditional writes, as Amazon S3, MinIO and Ceph do in their newer versions")
	default:
		return fmt.Errorf("try an exclusive create: %w", err)
	}
}

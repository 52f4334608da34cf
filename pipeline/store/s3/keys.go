package s3

import (
	"context"
	"iter"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"
)

// deletes are how many objects are removed at once: not every service takes a list of them.
const deletes = 16

// list yields the objects whose keys begin with prefix, in the order of the service, at most so many unless 0. It goes on
// behind the last one after a failure that passes.
func (c *client) list(ctx context.Context, prefix string, limit int) iter.Seq2[minio.ObjectInfo, error] {
	return func(yield func(minio.ObjectInfo, error) bool) {
		options := minio.ListObjectsOptions{Prefix: prefix, Recursive: true, MaxKeys: limit}
		seen, stopped := 0, false
		page := func(context.Context) error { // of another context than a single request: it is one for every page
			for info := range c.core.ListObjectsIter(ctx, c.bucket, options) {
				if info.Err != nil {
					return info.Err
				}
				options.StartAfter = info.Key
				seen++
				if stopped = !yield(info, nil); stopped || seen == limit {
					return nil
				}
			}
			return ctx.Err()
		}
		if err := c.do(ctx, page); err != nil && !stopped {
			yield(minio.ObjectInfo{}, err)
		}
	}
}

// remove removes objects. One that is not there is no error.
func (c *client) remove(ctx context.Context, keys []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(deletes)
	for _, key := range keys {
		g.Go(func() error {
			err := c.do(ctx, func(ctx context.Context) error {
				return c.core.RemoveObject(ctx, c.bucket, key, minio.RemoveObjectOptions{})
			})
			if code(err) == "NoSuchKey" {
				return nil
			}
			return err
		})
	}
	return g.Wait()
}

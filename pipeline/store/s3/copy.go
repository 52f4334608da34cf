package s3

import (
	"context"

	"github.com/minio/minio-go/v7"
)

// copyLimit is the largest object that services copy at once.
const copyLimit = 5 << 30

// Copy implements pipeline.Copier: the service copies, in parts what is larger than it copies at once.
func (s *Store) Copy(ctx context.Context, from, to string) error {
	source, err := s.key(from)
	if err != nil {
		return err
	}
	target, err := s.key(to)
	if err != nil {
		return err
	}
	err = s.c.do(ctx, func(ctx context.Context) error {
		info, err := s.c.core.StatObject(ctx, s.c.bucket, source, minio.StatObjectOptions{})
		if err != nil {
			return err
		}
		dst, src := minio.CopyDestOptions{Bucket: s.c.bucket, Object: target}, minio.CopySrcOptions{Bucket: s.c.bucket, Object: source}
		if info.Size > copyLimit {
			_, err = s.c.core.ComposeObject(ctx, dst, src)
		} else {
			_, err = s.c.core.Client.CopyObject(ctx, dst, src)
		}
		return err
	})
	return s.c.wrap("copy "+source+" to", target, err)
}

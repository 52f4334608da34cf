package s3

import (
	"context"
	"io/fs"
	"strings"

	"github.com/minio/minio-go/v7"
)

// Archived implements pipeline.Archive: in a bucket with versions those that are not the latest. The markers of what was removed go with them,
// when nothing is left that they hide. A service that knows no versions keeps nothing.
func (s *Store) Archived(ctx context.Context, of func(name string) bool, remove bool) (objects int, bytes int64, err error) {
	prefix, err := s.below("")
	if err != nil {
		return 0, 0, err
	}
	var config minio.BucketVersioningConfiguration
	err = s.c.do(ctx, func(ctx context.Context) (err error) {
		config, err = s.c.core.GetBucketVersioning(ctx, s.c.bucket)
		return err
	})
	switch code(err) {
	case "NotImplemented", "MethodNotAllowed", "NoSuchBucketVersioning", "VersioningNotConfigured":
		return 0, 0, nil
	}
	if err != nil || config.Status == "" {
		return 0, 0, s.c.wrap("ask for the versions of", s.c.bucket, err)
	}
	var old, markers []minio.ObjectInfo
	err = s.c.do(ctx, func(ctx context.Context) error {
		old, markers = old[:0], markers[:0]
		for info := range s.c.core.ListObjectsIter(ctx, s.c.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true, WithVersions: true}) {
			if info.Err != nil {
				return info.Err
			}
			name := strings.TrimPrefix(info.Key, s.root.folder())
			switch {
			case !fs.ValidPath(name) || !of(name):
			case info.IsDeleteMarker:
				markers = append(markers, info)
			case !info.IsLatest:
				old = append(old, info)
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return 0, 0, s.c.wrap("list versions", prefix, err)
	}
	for _, info := range old {
		objects, bytes = objects+1, bytes+info.Size
	}
	if !remove {
		return objects, bytes, nil
	}
	for _, info := range append(old, markers...) {
		err := s.c.do(ctx, func(ctx context.Context) error {
			return s.c.core.RemoveObject(ctx, s.c.bucket, info.Key, minio.RemoveObjectOptions{VersionID: info.VersionID})
		})
		if err != nil && code(err) != "NoSuchKey" && code(err) != "NoSuchVersion" {
			return objects, bytes, s.c.wrap("remove a version of", info.Key, err)
		}
	}
	return objects, bytes, nil
}

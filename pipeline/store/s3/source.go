package s3

import (
	"context"
	"errors"
	"strings"

	"github.com/minio/minio-go/v7"

	"github.com/millrace/millrace/pipeline"
)

// ErrReplaced says that an object is not the one that was asked for, or was read so far.
var ErrReplaced = errors.New("it was replaced meanwhile")

// Source reads the objects below a location as input files. Safe for concurrent use.
type Source struct {
	c    *client
	root Location
}

// Entry is an object below a Source. Its key may be no path.
type Entry struct {
	Path    string // below the root
	Bytes   int64
	ModTime int64 // nanoseconds since 1970, as the service lists it
	ETag    string
}

// NewSource prepares to read below a location. It sends no request yet.
func NewSource(root Location, o Options) (*Source, error) {
	c, err := newClient(root.Bucket, o)
	if err != nil {
		return nil, err
	}
	return &Source{c, root}, nil
}

// Close frees the connections; open objects stay usable.
func (s *Source) Close() error { return s.c.close() }

// Scan calls yield with every object, in byte order of the keys. Markers of folders are left out. The error is yield's, or
// that of the service.
func (s *Source) Scan(ctx context.Context, yield func(Entry) error) error {
	prefix := s.root.folder()
	for info, err := range s.c.list(ctx, prefix, 0) {
		if err != nil {
			return s.c.wrap("list", s.root.Prefix, err)
		}
		if strings.HasSuffix(info.Key, "/") {
			continue
		}
		if err := yield(entry(strings.TrimPrefix(info.Key, prefix), info)); err != nil {
			return err
		}
	}
	return nil
}

func entry(path string, info minio.ObjectInfo) Entry {
	return Entry{Path: path, Bytes: info.Size, ModTime: info.LastModified.UnixNano(), ETag: info.ETag}
}

// Stat describes an object as a listing does; one that is not there is fs.ErrNotExist. The time is what a listing says:
// answers about a single object have another resolution.
func (s *Source) Stat(ctx context.Context, path string) (Entry, error) {
	key := s.root.key(path)
	for info, err := range s.c.list(ctx, key, 1) {
		if err != nil {
			return Entry{}, s.c.wrap("stat", key, err)
		}
		if info.Key == key { // the shortest comes first
			return entry(path, info), nil
		}
	}
	return Entry{}, s.c.wrap("stat", key, minio.ErrorResponse{Code: "NoSuchKey"})
}

// HasFolder says whether there is any object below a path.
func (s *Source) HasFolder(ctx context.Context, path string) (bool, error) {
	below := Location{s.root.Bucket, s.root.key(path)}
	for _, err := range s.c.list(ctx, below.folder(), 1) {
		if err != nil {
			return false, s.c.wrap("list", below.Prefix, err)
		}
		return true, nil
	}
	return false, nil
}

// Open opens an object, which must be that of the etag. Otherwise, and if it is replaced while it is read, the error is
// ErrReplaced.
func (s *Source) Open(ctx context.Context, path, etag string) (pipeline.Object, error) {
	key := s.root.key(path)
	o, err := s.c.open(ctx, key, etag)
	if err != nil {
		return nil, s.c.wrap("open", key, err)
	}
	return o, nil
}

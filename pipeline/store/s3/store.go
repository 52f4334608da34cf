package s3

import (
	"bytes"
	"context"
	"crypto/md5" // the protocol's own checksum of a transfer
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"

	"github.com/millrace/millrace/pipeline"
)

// Store is a pipeline.Store below a prefix of a bucket. It is no pipeline.Mover. Safe for concurrent use, also by several
// processes. Its files and writers end with the context that they were opened with.
type Store struct {
	c    *client
	root Location
	err  error // the folder given to Sub was no name; every method returns it
}

var _ pipeline.Store = (*Store)(nil)

// Open checks that the bucket answers. Close frees the store.
func Open(ctx context.Context, root Location, o Options) (*Store, error) {
	c, err := newClient(root.Bucket, o)
	if err != nil {
		return nil, err
	}
	s := &Store{c: c, root: root}
	for _, err := range c.list(ctx, s.root.folder(), 1) {
		if err != nil {
			return nil, errors.Join(c.wrap("open", root.Prefix, err), c.close())
		}
	}
	return s, nil
}

// Close frees the connections of the store and of everything that came from Sub.
func (s *Store) Close() error { return s.c.close() }

// Sub is the same store below a folder.
func (s *Store) Sub(folder string) pipeline.Store {
	sub := *s
	if folder != "" {
		sub.root.Prefix, sub.err = s.key(folder)
	}
	return &sub
}

// key checks a name and returns its key.
func (s *Store) key(name string) (string, error) {
	if s.err != nil {
		return "", s.err
	}
	if name == "." || !fs.ValidPath(name) {
		return "", fmt.Errorf("store name %q: not a relative path of plain elements", name)
	}
	return s.root.key(name), nil
}

// Open implements pipeline.Store. The object reads as it was opened; one that is replaced meanwhile by another content may
// be an error instead.
func (s *Store) Open(ctx context.Context, name string) (pipeline.Object, error) {
	key, err := s.key(name)
	if err != nil {
		return nil, err
	}
	o, err := s.c.open(ctx, key, "")
	if err != nil {
		return nil, s.c.wrap("open", key, err)
	}
	return o, nil
}

// PutNew implements pipeline.Store: If-None-Match is the exclusive create (invariant 6). After an error that is not
// ErrExists the file may be there nevertheless.
func (s *Store) PutNew(ctx context.Context, name string, data []byte) error {
	key, err := s.key(name)
	if err != nil {
		return err
	}
	var options minio.PutObjectOptions
	options.SetMatchETagExcept("*")
	unheard := false // an earlier try may have been done, and its answer lost
	err = s.c.do(ctx, func(ctx context.Context) error {
		_, err := s.c.put(ctx, key, data, options)
		if status(err) == http.StatusPreconditionFailed {
			if unheard && s.holds(ctx, key, data) {
				return nil
			}
			return pipeline.ErrExists
		}
		unheard = err != nil
		return err
	})
	return s.c.wrap("create", key, err)
}

// holds says whether an object has this content.
func (s *Store) holds(ctx context.Context, key string, data []byte) bool {
	o, err := s.c.open(ctx, key, "")
	if err != nil || o.Size() != int64(len(data)) {
		return false
	}
	defer func() { _ = o.Close() }() // read only
	got := make([]byte, len(data))
	_, err = o.ReadAt(got, 0)
	return err == nil && bytes.Equal(got, data)
}

// put sends an object whole (invariant 2).
func (c *client) put(ctx context.Context, key string, data []byte, options minio.PutObjectOptions) (etag string, err error) {
	options.ContentType = contentType
	info, err := c.core.PutObject(ctx, c.bucket, key, bytes.NewReader(data), int64(len(data)), sumOf(data), "", options)
	return info.ETag, err
}

const contentType = "application/octet-stream"

// sumOf is what the service checks the bytes that it got by.
func sumOf(data []byte) string {
	sum := md5.Sum(data) // the protocol's own checksum of a transfer
	return base64.StdEncoding.EncodeToString(sum[:])
}

// List implements pipeline.Store. Keys that are no names of files, such as the markers that some programs make for
// folders, are left out.
func (s *Store) List(ctx context.Context, folder string) ([]pipeline.ObjectInfo, error) {
	below, err := s.below(folder)
	if err != nil {
		return nil, err
	}
	var list []pipeline.ObjectInfo
	for info, err := range s.c.list(ctx, below, 0) {
		if err != nil {
			return nil, s.c.wrap("list", below, err)
		}
		if name := strings.TrimPrefix(info.Key, s.root.folder()); fs.ValidPath(name) {
			list = append(list, pipeline.ObjectInfo{Name: name, Bytes: info.Size})
		}
	}
	slices.SortFunc(list, func(a, b pipeline.ObjectInfo) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// below is the beginning of the keys in a folder of the store, "" for all of it.
func (s *Store) below(folder string) (string, error) {
	if folder == "" {
		return s.root.folder(), s.err
	}
	key, err := s.key(folder)
	return key + "/", err
}

// Remove implements pipeline.Store. A folder is not removed at once.
func (s *Store) Remove(ctx context.Context, name string) error {
	key, err := s.key(name)
	if err != nil {
		return err
	}
	var keys []string // of what is there: a bucket with versions would keep a marker of any other
	for info, err := range s.c.list(ctx, key, 0) {
		if err != nil {
			return s.c.wrap("remove", key, err)
		}
		if info.Key == key || strings.HasPrefix(info.Key, key+"/") {
			keys = append(keys, info.Key)
		}
	}
	return s.c.wrap("remove", key, s.c.remove(ctx, keys))
}

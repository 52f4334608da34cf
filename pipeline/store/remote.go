package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store/s3"
)

// remote is a root in an object store.
type remote struct{ source *s3.Source }

func openRemote(root string, a Access) (*remote, error) {
	at, err := s3.ParseURL(root)
	if err != nil {
		return nil, err
	}
	s, err := s3.NewSource(at, a.S3)
	if err != nil {
		return nil, err
	}
	return &remote{s}, nil
}

func (r *remote) close() error { return r.source.Close() }

// scan leaves out what scan of a folder leaves out. The service lists in byte order of the keys.
func (r *remote) scan(ctx context.Context, yield func(Found) error) error {
	return r.source.Scan(ctx, func(e s3.Entry) error {
		if strings.HasPrefix(e.Path, ".") || strings.Contains(e.Path, "/.") {
			return nil
		}
		return yield(foundIn(e))
	})
}

// foundIn describes an object. One whose key is no path cannot stand in a plan.
func foundIn(e s3.Entry) Found {
	f := Found{Path: readable(e.Path), Bytes: e.Bytes, ModTime: e.ModTime, ETag: e.ETag}
	if !fs.ValidPath(e.Path) {
		f.Reason = pipeline.ReasonName
	}
	return f
}

func (r *remote) stat(ctx context.Context, name string) (Found, error) {
	e, err := r.source.Stat(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return Found{Path: name, Reason: pipeline.ReasonMissing}, nil
	}
	if err != nil {
		return Found{}, err
	}
	return foundIn(e), nil
}

// openFile opens the object that was planned: the etag says whether it is the same, the time of another answer does not.
func (r *remote) openFile(ctx context.Context, file pipeline.SourceFile) (pipeline.Object, error) {
	etag := file.ETag
	if etag == "" { // a file that a ledger names, not a plan
		found, err := r.stat(ctx, file.Path)
		if err != nil {
			return nil, err
		}
		if found.Reason == "" && found.ModTime != file.ModTime {
			found.Reason = pipeline.ReasonChanged
		}
		if found.Reason != "" {
			return nil, &pipeline.RejectError{Reason: found.Reason, Err: fmt.Errorf("open %s: it is not what it was", file.Path)}
		}
		etag = found.ETag
	}
	o, err := r.source.Open(ctx, file.Path, etag)
	if err != nil {
		return nil, blame(err)
	}
	if o.Size() != file.Bytes {
		err := &pipeline.RejectError{
			Reason: pipeline.ReasonChanged, Err: fmt.Errorf("open %s: %d bytes, planned were %d", file.Path, o.Size(), file.Bytes),
		}
		return nil, errors.Join(err, o.Close())
	}
	return remoteObject{o}, nil
}

// remoteObject says of failed reads whether they are the object's fault.
type remoteObject struct{ pipeline.Object }

func (o remoteObject) ReadAt(p []byte, off int64) (int, error) {
	n, err := o.Object.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		err = blame(err)
	}
	return n, err
}

// blame turns an error into the reason for the ledger, unless it is the service that is to blame, or nobody.
func blame(err error) error {
	reason := pipeline.ReasonUnreadable
	switch {
	case errors.Is(err, pipeline.ErrUnreachable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, fs.ErrClosed):
		return err
	case errors.Is(err, s3.ErrReplaced):
		reason = pipeline.ReasonChanged
	case errors.Is(err, fs.ErrNotExist):
		reason = pipeline.ReasonMissing
	}
	return &pipeline.RejectError{Reason: reason, Err: err}
}

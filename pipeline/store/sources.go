package store

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"sync"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store/s3"
)

// Sources opens the input files of a plan below the roots of its sources. Safe for concurrent use.
type Sources struct {
	sources []pipeline.Source
	access  Access

	mu     sync.Mutex
	roots  []root // guarded by mu; opened at first use
	closed bool   // guarded by mu
}

var _ pipeline.Sources = (*Sources)(nil)

// root is what files are found and opened below: a folder, or a place in a bucket.
type root interface {
	openFile(ctx context.Context, file pipeline.SourceFile) (pipeline.Object, error)
	scan(ctx context.Context, yield func(Found) error) error
	stat(ctx context.Context, name string) (Found, error)
	close() error
}

// OpenSources prepares to read below the roots of a plan. Nothing is opened before it is needed.
func OpenSources(sources []pipeline.Source, a Access) (*Sources, error) {
	for i, s := range sources {
		if s.Root == "" {
			return nil, fmt.Errorf("source %d (%s) has no root", i, s.Name)
		}
	}
	return &Sources{sources: sources, access: a, roots: make([]root, len(sources))}, nil
}

// Open implements pipeline.Sources. What is wrong with one file is a *pipeline.RejectError. A root that is gone (a disk
// that is not mounted) is pipeline.ErrUnreachable instead: it says nothing about the files.
func (s *Sources) Open(ctx context.Context, file pipeline.SourceFile) (pipeline.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if file.Source < 0 || file.Source >= len(s.sources) {
		return nil, fmt.Errorf("open %s: the plan has no source %d", file.Path, file.Source)
	}
	if !fs.ValidPath(file.Path) {
		return nil, &pipeline.RejectError{
			Reason: pipeline.ReasonOutside, Err: fmt.Errorf("open %q: not a path below a source", file.Path),
		}
	}
	root, err := s.root(file.Source)
	if err != nil {
		return nil, err
	}
	return root.openFile(ctx, file)
}

// openFile opens the file that was planned: of the same size and time.
func (c *confined) openFile(_ context.Context, file pipeline.SourceFile) (pipeline.Object, error) {
	if o := c.quickly(&file); o != nil {
		return o, nil
	}
	f, info, err := c.open(file.Path)
	if err != nil {
		return nil, err
	}
	if info.Size() != file.Bytes || info.ModTime().UnixNano() != file.ModTime {
		err := &pipeline.RejectError{Reason: pipeline.ReasonChanged, Err: fmt.Errorf(
			"open %s: %d bytes of %s, planned were %d of another time or size", f.Name(), info.Size(),
			info.ModTime().UTC().Format("2006-01-02T15:04:05.999999999Z"), file.Bytes)}
		return nil, errors.Join(err, f.Close())
	}
	return &object{f, info.Size()}, nil
}

// Feed writes a planned file, as it is stored, to a hash, in pieces of the size of buf. The errors are those of Open, and
// pipeline.ReasonUnreadable for a file that ends early.
func (s *Sources) Feed(ctx context.Context, h hash.Hash, file pipeline.SourceFile, buf []byte) (err error) {
	o, err := s.Open(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	for at := int64(0); at < o.Size(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := o.ReadAt(buf[:min(int64(len(buf)), o.Size()-at)], at)
		_, _ = h.Write(buf[:n]) // a hash never fails
		at += int64(n)
		switch {
		case errors.Is(err, pipeline.ErrUnreachable):
			return err
		case err != nil && !errors.Is(err, io.EOF), n == 0:
			return &pipeline.RejectError{Reason: pipeline.ReasonUnreadable, Err: errors.Join(err, io.ErrUnexpectedEOF)}
		}
	}
	return nil
}

func (s *Sources) root(i int) (root, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, fmt.Errorf("source %s: %w", s.sources[i].Name, fs.ErrClosed)
	}
	if s.roots[i] == nil {
		c, err := openRoot(s.sources[i].Root, s.access)
		if err != nil {
			return nil, fmt.Errorf("source %s: %w: %w", s.sources[i].Name, pipeline.ErrUnreachable, err)
		}
		s.roots[i] = c
	}
	return s.roots[i], nil
}

func openRoot(at string, a Access) (root, error) {
	if s3.IsURL(at) {
		return openRemote(at, a)
	}
	return openConfined(at)
}

// Close frees the roots; open files stay usable. It may be called again.
func (s *Sources) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	var errs []error
	for i, c := range s.roots {
		if c != nil {
			errs = append(errs, c.close())
			s.roots[i] = nil
		}
	}
	return errors.Join(errs...)
}

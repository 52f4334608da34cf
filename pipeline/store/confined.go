package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/millrace/millrace/pipeline"
)

// confined opens files below a root, and nothing else, whatever links lie there and however they move meanwhile: the
// check is os.Root's, made while opening.
type confined struct {
	root    *os.Root
	path    string // of the root, without links
	escapes error  // what os.Root says of a path that leaves it; os has no exported name for it
	quick   *quick // a faster way, nil where there is none
}

func openConfined(root string) (*confined, error) {
	p, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("open folder %s: %w", root, err)
	}
	p, err = filepath.EvalSymlinks(p)
	if err != nil {
		return nil, fmt.Errorf("open folder %s: %w", root, cause(err))
	}
	r, err := os.OpenRoot(p)
	if err != nil {
		return nil, fmt.Errorf("open folder %s: %w", root, cause(err))
	}
	_, err = r.Lstat("..")
	return &confined{root: r, path: p, escapes: cause(err), quick: openQuick(r)}, nil
}

// follow does what with name. os.Root takes every absolute link for an escape: one that points into the root is found by
// its real path, under the same confinement.
func (c *confined) follow(name string, what func(name string) error) error {
	err := what(name)
	if err == nil || !errors.Is(err, c.escapes) || !fs.ValidPath(name) {
		return err
	}
	target, evalErr := filepath.EvalSymlinks(filepath.Join(c.path, name))
	if evalErr != nil {
		return err
	}
	inside, relErr := filepath.Rel(c.path, target)
	if relErr != nil || !filepath.IsLocal(inside) {
		return err
	}
	return what(inside)
}

// open opens a regular file. What the file is to blame for is a *pipeline.RejectError.
func (c *confined) open(name string) (f *os.File, info fs.FileInfo, err error) {
	err = c.follow(name, func(name string) (err error) {
		// Opening a pipe would wait for its writer otherwise; to a regular file the flag means nothing.
		f, err = c.root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
		return err
	})
	if err == nil {
		info, err = f.Stat()
	}
	if err == nil && !info.Mode().IsRegular() {
		reason := pipeline.ReasonSpecial
		if info.IsDir() {
			reason = pipeline.ReasonChanged
		}
		err = &pipeline.RejectError{Reason: reason, Err: fmt.Errorf("open %s: not a regular file", c.full(name))}
		return nil, nil, errors.Join(err, f.Close())
	}
	if err != nil {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
		return nil, nil, c.reject(name, err)
	}
	return f, info, nil
}

// info describes what a name or the link under it leads to.
func (c *confined) info(name string) (info fs.FileInfo, err error) {
	err = c.follow(name, func(name string) (err error) {
		info, err = c.root.Stat(name)
		return err
	})
	if err != nil {
		return nil, c.reject(name, err)
	}
	return info, nil
}

// reject turns an error of the file system into the reason for the ledger, unless it is this process that lacks something.
func (c *confined) reject(name string, err error) error {
	full := fmt.Errorf("open %s: %w", c.full(name), cause(err))
	reason := pipeline.ReasonUnreadable
	switch {
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE), errors.Is(err, unix.ENOMEM), errors.Is(err, unix.EINTR):
		return full
	case errors.Is(err, c.escapes):
		reason = pipeline.ReasonOutside
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENOTDIR):
		reason = pipeline.ReasonMissing
	case errors.Is(err, unix.ENXIO): // a socket
		reason = pipeline.ReasonSpecial
	}
	return &pipeline.RejectError{Reason: reason, Err: full}
}

func (c *confined) full(name string) string { return filepath.Join(c.path, name) }

func (c *confined) close() error { return errors.Join(c.quick.close(), c.root.Close()) }

package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"slices"

	"github.com/millrace/millrace/pipeline"
)

// writePiece is how much goes to the file at once. The page cache takes memory for a large write in pieces as large, and those that are
// free are seldom the ones that were used last: on a virtual machine, whose host gives memory page by page, one write of 4 MiB cost ten
// times what sixteen of this size do.
const writePiece = 256 << 10

// flushPiece is after how many bytes the disk gets them, in a file that is synced at its end: so that it works while the rest is made, and the
// sync has little to wait for.
const flushPiece = 4 << 20

// writer is a file that has no name yet. It does not buffer: what writes to it hands over large pieces.
type writer struct {
	store     *Local
	file      *os.File // nil once committed or closed
	name      string   // below the root, as everything here
	temporary string
	written   int64
	flushed   int64 // of these, how many the disk was given
	err       error // the first failure; nothing is committed after it
}

// Create implements pipeline.Store. The context covers the start only.
func (l *Local) Create(ctx context.Context, name string) (pipeline.Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w, err := l.create(name)
	if err != nil {
		return nil, err
	}
	return w, nil
}

func (l *Local) create(name string) (*writer, error) {
	p, err := l.join(name)
	if err != nil {
		return nil, err
	}
	folder := path.Dir(p)
	temporary := path.Join(folder, fmt.Sprintf("%s%016x", temporaryPrefix, rand.Uint64()))
	const flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	f, err := l.root.OpenFile(temporary, flags, 0o666)
	if errors.Is(err, fs.ErrNotExist) {
		if err := l.makeFolder(folder); err != nil {
			return nil, err
		}
		f, err = l.root.OpenFile(temporary, flags, 0o666)
	}
	if err != nil {
		return nil, l.wrap("create", p, err)
	}
	return &writer{store: l, file: f, name: p, temporary: temporary}, nil
}

// Write implements io.Writer.
func (w *writer) Write(b []byte) (n int, err error) {
	if w.err != nil {
		return 0, w.err
	}
	if w.file == nil {
		return 0, w.store.wrap("write", w.name, fs.ErrClosed)
	}
	for piece := range slices.Chunk(b, writePiece) {
		m, err := w.file.Write(piece)
		n += m
		if err != nil {
			w.err = w.store.wrap("write", w.name, err)
			return n, w.err
		}
	}
	if w.written += int64(n); w.store.sync && w.written-w.flushed >= flushPiece {
		w.err = w.store.wrap("flush", w.name, startFlush(w.file, w.flushed, w.written-w.flushed))
		w.flushed = w.written
	}
	return n, w.err
}

// Commit implements pipeline.Writer.
func (w *writer) Commit() error {
	if err := w.finish(); err != nil {
		return err
	}
	if err := w.store.root.Rename(w.temporary, w.name); err != nil {
		return errors.Join(w.store.wrap("commit", w.name, err), w.discard())
	}
	return w.store.syncFolders(path.Dir(w.name))
}

// finish brings the content to the disk and closes the file, which keeps its temporary name. After a failure there is no
// file at all: pages that an fsync lost are not written by the next one.
func (w *writer) finish() error {
	if w.file == nil && w.err == nil {
		w.err = w.store.wrap("commit", w.name, fs.ErrClosed)
	}
	if w.err != nil {
		return errors.Join(w.err, w.Close())
	}
	if w.store.sync {
		if w.err = w.store.wrap("sync", w.name, w.file.Sync()); w.err != nil {
			return errors.Join(w.err, w.Close())
		}
	}
	w.err = w.store.wrap("close", w.name, w.file.Close())
	w.file = nil
	if w.err != nil {
		return errors.Join(w.err, w.discard())
	}
	return nil
}

// Close implements pipeline.Writer.
func (w *writer) Close() error {
	if w.file == nil {
		return nil
	}
	err := w.store.wrap("close", w.name, w.file.Close())
	w.file = nil
	return errors.Join(err, w.discard())
}

func (w *writer) discard() error {
	err := w.store.root.Remove(w.temporary)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return w.store.wrap("remove", w.temporary, err)
}

// PutNew implements pipeline.Store: the link is the exclusive create, and it names a file that is already whole
// (invariants 2 and 6). A file system without hard links refuses it. After an error that is not ErrExists the file may be
// there nevertheless.
func (l *Local) PutNew(ctx context.Context, name string, data []byte) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	w, err := l.create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if _, err := w.Write(data); err != nil {
		return err
	}
	if err := w.finish(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.discard()) }()
	if err := l.root.Link(w.temporary, w.name); errors.Is(err, fs.ErrExist) {
		return l.wrap("create", w.name, pipeline.ErrExists)
	} else if err != nil {
		return l.wrap("create", w.name, err)
	}
	return l.syncFolders(path.Dir(w.name))
}

package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/millrace/millrace/pipeline"
)

// quick opens files of a confined root by one call of the system, which holds to the root what the path leads to (openat2 with
// RESOLVE_BENEATH); os.Root takes one or two calls for each element of the path.
type quick struct {
	folder *os.File
	conn   syscall.RawConn // of folder, which stays open during a call
	never  atomic.Bool     // the system does not have the call, or does not let it through
}

// openQuick returns nil where the folder cannot be had so.
func openQuick(root *os.Root) *quick {
	folder, err := root.Open(".")
	if err != nil {
		return nil
	}
	conn, err := folder.SyscallConn()
	if err != nil {
		_ = folder.Close() // nothing was done to it
		return nil
	}
	return &quick{folder: folder, conn: conn}
}

func (q *quick) close() error {
	if q == nil {
		return nil
	}
	return q.folder.Close()
}

// quickly opens a planned file that is as it was planned. Whatever is in the way of that it returns nil: whoever opens the file by its root
// finds out what.
func (c *confined) quickly(file *pipeline.SourceFile) pipeline.Object {
	q := c.quick
	if q == nil || q.never.Load() {
		return nil
	}
	how := unix.OpenHow{
		Flags: unix.O_RDONLY | unix.O_NONBLOCK | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS,
	}
	fd := -1
	var err error
	if closed := q.conn.Control(func(folder uintptr) {
		fd, err = unix.Openat2(int(folder), file.Path, &how)
	}); closed != nil {
		return nil
	}
	if err != nil {
		if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) {
			q.never.Store(true)
		}
		return nil
	}
	var info unix.Stat_t
	if err := unix.Fstat(fd, &info); err != nil || info.Mode&unix.S_IFMT != unix.S_IFREG || info.Size != file.Bytes ||
		info.Mtim.Nano() != file.ModTime {
		_ = unix.Close(fd) // nothing was done to it
		return nil
	}
	d := &descriptor{fd: fd, size: info.Size, root: c, path: file.Path}
	d.users.Store(1)
	return d
}

// descriptor is an open regular file. It has no finalizer, and the runtime's poller is not asked about it.
type descriptor struct {
	fd    int
	size  int64
	root  *confined
	path  string
	users atomic.Int32 // calls in progress, and one until it is closed; the last one closes fd
	ended atomic.Bool
}

func (d *descriptor) Size() int64 { return d.size }

// ReadAt implements io.ReaderAt.
func (d *descriptor) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, d.failed("read", unix.EINVAL)
	}
	if !d.use() {
		return 0, d.failed("read", fs.ErrClosed)
	}
	defer func() {
		if closing := d.leave(); err == nil {
			err = closing
		}
	}()
	for n < len(p) {
		m, err := unix.Pread(d.fd, p[n:], off+int64(n))
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return n, d.failed("read", err)
		case m == 0:
			return n, io.EOF
		default:
			n += m
		}
	}
	return n, nil
}

// use says whether the file is open, and keeps it so until leave.
func (d *descriptor) use() bool {
	for {
		n := d.users.Load()
		if n == 0 || d.ended.Load() {
			return false
		}
		if d.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (d *descriptor) leave() error {
	if d.users.Add(-1) > 0 {
		return nil
	}
	if err := unix.Close(d.fd); err != nil {
		return d.failed("close", err)
	}
	return nil
}

// Close implements io.Closer. A call that is in progress ends as if the file were open.
func (d *descriptor) Close() error {
	if d.ended.Swap(true) {
		return d.failed("close", fs.ErrClosed)
	}
	return d.leave()
}

func (d *descriptor) failed(op string, err error) error {
	return &fs.PathError{Op: op, Path: d.root.full(d.path), Err: err}
}

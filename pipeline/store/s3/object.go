package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/minio/minio-go/v7"
)

const (
	// firstWindow is what opening an object brings along, and what a read at a new place asks for at least.
	firstWindow = 64 << 10
	// lastWindow is what reading on and on asks for at once in the end: each request doubles.
	lastWindow = 4 << 20
	// windows are how many places of an object can be read on from at a time, as the columns of a file are.
	windows = 8
)

// object is an open object: what was there when it was opened, or an error. Small ones are in memory.
type object struct {
	c    *client
	ctx  context.Context // io.ReaderAt has none: reads end with the task that opened the object
	key  string
	etag string
	size int64

	mu      sync.Mutex
	closed  bool     // guarded by mu
	windows []window // guarded by mu; the last used first
}

// window is a piece of the object in memory. An empty one only remembers how far somebody read.
type window struct {
	at   int64
	data []byte
	held int64 // of client.ahead
}

func (w *window) end() int64 { return w.at + int64(len(w.data)) }

// open reads the beginning of an object, with its size. With etag it must be that of the object.
func (c *client) open(ctx context.Context, key, etag string) (*object, error) {
	o := &object{c: c, ctx: ctx, key: key, etag: etag}
	var head []byte
	err := c.do(ctx, func(ctx context.Context) (err error) {
		head, err = o.get(ctx, 0, firstWindow)
		return err
	})
	if code(err) == "InvalidRange" || status(err) == http.StatusRequestedRangeNotSatisfiable {
		err = c.do(ctx, func(ctx context.Context) error { return o.stat(ctx) }) // it has no byte at all
	}
	if err != nil {
		return nil, err
	}
	if o.size < int64(len(head)) || o.size > int64(len(head)) && len(head) < firstWindow {
		return nil, fmt.Errorf("the service says it has %d bytes, and sent %d", o.size, len(head))
	}
	o.windows = []window{{data: head}}
	return o, nil
}

// get asks for a range. The first one, at an unknown size, also says size and etag.
func (o *object) get(ctx context.Context, at int64, n int) (data []byte, err error) {
	options := minio.GetObjectOptions{}
	if err := options.SetRange(at, at+int64(n)-1); err != nil {
		return nil, err
	}
	if o.etag != "" {
		if err := options.SetMatchETag(o.etag); err != nil {
			return nil, err
		}
	}
	body, info, header, err := o.c.core.GetObject(ctx, o.c.bucket, o.key, options)
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }() // read only
	if o.size == 0 {
		o.etag, o.size = info.ETag, info.Size
		if total, ok := totalOf(header.Get("Content-Range")); ok {
			o.size = total
		}
		n = int(min(int64(n), o.size))
	} else if header.Get("Content-Range") == "" {
		return nil, errors.New("the service does not read by range")
	}
	var b bytes.Buffer
	b.Grow(n)
	if _, err := io.CopyN(&b, body, int64(n)); errors.Is(err, io.EOF) {
		return nil, io.ErrUnexpectedEOF // the connection broke off
	} else if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (o *object) stat(ctx context.Context) error {
	options := minio.StatObjectOptions{}
	if o.etag != "" {
		if err := options.SetMatchETag(o.etag); err != nil {
			return err
		}
	}
	info, err := o.c.core.StatObject(ctx, o.c.bucket, o.key, options)
	o.etag, o.size = info.ETag, info.Size
	return err
}

// totalOf reads the size of the whole out of "bytes 0-65535/1234567".
func totalOf(contentRange string) (int64, bool) {
	_, total, ok := strings.Cut(contentRange, "/")
	n, err := strconv.ParseInt(total, 10, 64)
	return n, ok && err == nil
}

// Size implements pipeline.Object.
func (o *object) Size() int64 { return o.size }

// ReadAt implements io.ReaderAt.
func (o *object) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("read %s at %d: negative offset", Location{o.c.bucket, o.key}, off)
	}
	want := int(max(0, min(int64(len(p)), o.size-off)))
	for n < want {
		m, err := o.read(p[n:want], off+int64(n))
		n += m
		if err != nil {
			return n, o.c.wrap("read", o.key, err)
		}
	}
	if want < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// read copies from a window, or asks for another one. It returns at least one byte or an error.
func (o *object) read(p []byte, at int64) (int, error) {
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		return 0, fs.ErrClosed
	}
	if n := o.cached(p, at); n > 0 {
		o.mu.Unlock()
		return n, nil
	}
	size, held := o.next(at)
	o.mu.Unlock()

	w := window{at: at, held: held}
	n := len(p)
	var err error
	if length := int(min(int64(size), o.size-at)); length > n {
		w.data, err = o.fetch(at, length)
		n = copy(p, w.data)
	} else if length = n; length > 0 {
		var data []byte
		data, err = o.fetch(at, length)
		n = copy(p, data)
		w.at += int64(n)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil || o.closed {
		o.c.ahead.Release(held)
		return n, err
	}
	if len(o.windows) == windows {
		o.drop(windows - 1)
	}
	o.windows = slices.Insert(o.windows, 0, w)
	return n, nil
}

// cached copies what a window holds, and makes that the last used one. The caller holds mu.
func (o *object) cached(p []byte, at int64) int {
	for i, w := range o.windows {
		if w.at <= at && at < w.end() {
			copy(o.windows[1:i+1], o.windows[:i])
			o.windows[0] = w
			return copy(p, w.data[at-w.at:])
		}
	}
	return 0
}

// next returns the size of the window to ask for at a place, and what it holds of client.ahead. A window that is read on
// from is replaced by one of twice the size, as far as all open objects together may. The caller holds mu.
func (o *object) next(at int64) (size int, held int64) {
	for i := range o.windows {
		w := &o.windows[i]
		if w.end() != at {
			continue
		}
		before := max(int64(len(w.data)), w.held, firstWindow)
		o.drop(i)
		size := min(2*before, lastWindow)
		for ; size > firstWindow; size /= 2 {
			if o.c.ahead.TryAcquire(size) {
				return int(size), size
			}
		}
		break
	}
	return firstWindow, 0
}

// drop forgets a window. The caller holds mu.
func (o *object) drop(i int) {
	o.c.ahead.Release(o.windows[i].held)
	o.windows = slices.Delete(o.windows, i, i+1)
}

func (o *object) fetch(at int64, n int) (data []byte, err error) {
	err = o.c.do(o.ctx, func(ctx context.Context) (err error) {
		data, err = o.get(ctx, at, n)
		return err
	})
	return data, err
}

// Close implements io.Closer. It may be called again.
func (o *object) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.windows) > 0 {
		o.drop(0)
	}
	o.closed = true
	return nil
}

package s3

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/millrace/millrace/pipeline"
)

// writer collects an object part by part. A part is sent while the next one is filled; what fits into one is sent by one
// PUT. Nothing is there for readers before Commit.
type writer struct {
	c      *client
	ctx    context.Context // io.Writer has none: the upload ends with the task that began it
	cancel context.CancelFunc
	key    string

	size   int64
	buf    []byte // not sent yet
	spare  []byte // to fill while buf is sent
	upload string // of more than one part, "" before there are
	parts  []minio.CompletePart
	flight chan sent // of the part under way, nil if there is none
	done   bool
	err    error // the first failure; nothing is committed after it
}

// sent is what became of a part.
type sent struct {
	part minio.CompletePart
	buf  []byte
	err  error
}

// Create implements pipeline.Store.
func (s *Store) Create(ctx context.Context, name string) (pipeline.Writer, error) {
	key, err := s.key(name)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	return &writer{c: s.c, ctx: ctx, cancel: cancel, key: key}, nil
}

// partLimit is the size of the next part: a thousand of one size, then twice that, so that the 10 000 that there may be
// hold the largest object that there may be.
func (w *writer) partLimit() int { return w.c.part << (len(w.parts) / 1000) }

// Write implements io.Writer.
func (w *writer) Write(b []byte) (n int, err error) {
	if w.done && w.err == nil {
		w.err = w.c.wrap("write", w.key, fs.ErrClosed)
	}
	for len(b) > 0 && w.err == nil {
		room := w.partLimit() - len(w.buf)
		if room <= 0 { // only now: the last part must not be empty
			w.err = w.send()
			continue
		}
		m := min(room, len(b))
		w.buf = append(w.buf, b[:m]...)
		w.size += int64(m)
		n += m
		b = b[m:]
	}
	return n, w.err
}

// send sends the filled part on its way, when the one before has arrived.
func (w *writer) send() error {
	if w.upload == "" {
		err := w.c.do(w.ctx, func(ctx context.Context) (err error) {
			w.upload, err = w.c.core.NewMultipartUpload(ctx, w.c.bucket, w.key, minio.PutObjectOptions{ContentType: contentType})
			return err
		})
		if err != nil {
			return w.c.wrap("write", w.key, err)
		}
	}
	if err := w.arrive(); err != nil {
		return err
	}
	data, number, flight := w.buf, len(w.parts)+1, make(chan sent, 1)
	w.buf, w.spare, w.flight = w.spare[:0], nil, flight
	go func() { // arrive waits for it
		p := sent{buf: data}
		p.err = w.c.do(w.ctx, func(ctx context.Context) error {
			part, err := w.c.core.PutObjectPart(ctx, w.c.bucket, w.key, w.upload, number, bytes.NewReader(data),
				int64(len(data)), minio.PutObjectPartOptions{Md5Base64: sumOf(data)})
			p.part = minio.CompletePart{PartNumber: number, ETag: part.ETag}
			return err
		})
		flight <- p
	}()
	return nil
}

// arrive waits for the part under way.
func (w *writer) arrive() error {
	if w.flight == nil {
		return nil
	}
	p := <-w.flight
	w.flight = nil
	if p.err != nil {
		return w.c.wrap("write", w.key, p.err)
	}
	w.parts, w.spare = append(w.parts, p.part), p.buf
	return nil
}

// Commit implements pipeline.Writer. Invariant 2: one request makes the object appear.
func (w *writer) Commit() error {
	if w.done && w.err == nil {
		w.err = w.c.wrap("commit", w.key, fs.ErrClosed)
	}
	if w.err == nil {
		w.err = w.commit()
	}
	return errors.Join(w.err, w.Close())
}

func (w *writer) commit() error {
	if w.upload == "" {
		return w.c.wrap("write", w.key, w.c.do(w.ctx, func(ctx context.Context) error {
			_, err := w.c.put(ctx, w.key, w.buf, minio.PutObjectOptions{})
			return err
		}))
	}
	if err := errors.Join(w.send(), w.arrive()); err != nil {
		return err
	}
	err := w.c.do(w.ctx, func(ctx context.Context) error {
		_, err := w.c.core.CompleteMultipartUpload(ctx, w.c.bucket, w.key, w.upload, w.parts, minio.PutObjectOptions{})
		if code(err) == "NoSuchUpload" && w.appeared(ctx) {
			return nil // an earlier try was done, and its answer lost
		}
		return err
	})
	if err != nil {
		return w.c.wrap("commit", w.key, err)
	}
	w.upload = ""
	return nil
}

// appeared says whether the upload that is gone became the object. Whoever else wrote it meanwhile wrote the same bytes.
func (w *writer) appeared(ctx context.Context) bool {
	info, err := w.c.core.StatObject(ctx, w.c.bucket, w.key, minio.StatObjectOptions{})
	return err == nil && info.Size == w.size
}

// Close implements pipeline.Writer.
func (w *writer) Close() error {
	if w.done {
		return nil
	}
	w.done = true
	w.cancel()
	if w.flight != nil {
		<-w.flight
		w.flight = nil
	}
	w.buf, w.spare = nil, nil
	if w.upload == "" {
		return nil
	}
	// The task is over, perhaps cancelled, and its parts would be paid for until somebody removes them.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), cleaning)
	defer cancel()
	return w.c.abort(ctx, w.key, w.upload)
}

// cleaning is how long a writer that gives up may take to remove what it sent.
const cleaning = 10 * time.Second

func (c *client) abort(ctx context.Context, key, upload string) error {
	err := c.do(ctx, func(ctx context.Context) error {
		return c.core.AbortMultipartUpload(ctx, c.bucket, key, upload)
	})
	if code(err) == "NoSuchUpload" {
		return nil
	}
	return c.wrap("remove the parts of", key, err)
}

// RemoveTemporaries removes the parts of uploads that nobody will complete. It would take those of living writers too:
// call it while holding the corpus. A service that cannot list them is believed to remove them itself.
func (s *Store) RemoveTemporaries(ctx context.Context) error {
	if s.err != nil {
		return s.err
	}
	type upload struct{ key, id string }
	var list []upload
	err := s.c.do(ctx, func(ctx context.Context) error {
		list = nil
		for info := range s.c.core.ListIncompleteUploads(ctx, s.c.bucket, s.root.folder(), true) {
			if info.Err != nil {
				return info.Err
			}
			list = append(list, upload{info.Key, info.UploadID})
		}
		return ctx.Err()
	})
	if code(err) == "NotImplemented" {
		return nil
	}
	if err != nil {
		return s.c.wrap("list the unfinished uploads of", s.root.Prefix, err)
	}
	for _, u := range list {
		if err := s.c.abort(ctx, u.key, u.id); err != nil {
			return err
		}
	}
	return nil
}

package dedupe

import (
	"context"
	"errors"
	"fmt"
	"io"

	"millrace/pipeline"
)

// handles keeps some files of a store open, those used last, so that a merge of thousands of splits needs no thousands of
// descriptors. It is used by one goroutine.
type handles struct {
	ctx   context.Context // of the one task it serves
	store pipeline.Store
	open  map[string]*handle
	clock int64
}

type handle struct {
	pipeline.Object
	used int64
}

// maxOpen leaves room below the usual limit of 1024 descriptors for several tasks at once.
const maxOpen = 64

func newHandles(ctx context.Context, store pipeline.Store) *handles {
	return &handles{ctx: ctx, store: store, open: map[string]*handle{}}
}

// get returns an open file. It stays open at least until the next get.
func (h *handles) get(name string) (pipeline.Object, error) {
	h.clock++
	if f, ok := h.open[name]; ok {
		f.used = h.clock
		return f, nil
	}
	if err := h.ctx.Err(); err != nil {
		return nil, err
	}
	if len(h.open) >= maxOpen {
		var oldest string
		used := h.clock
		for name, f := range h.open {
			if f.used < used {
				oldest, used = name, f.used
			}
		}
		f := h.open[oldest]
		delete(h.open, oldest)
		if err := f.Close(); err != nil {
			return nil, fmt.Errorf("close %s: %w", oldest, err)
		}
	}
	o, err := h.store.Open(h.ctx, name)
	if err != nil {
		return nil, err
	}
	h.open[name] = &handle{Object: o, used: h.clock}
	return o, nil
}

// read fills buf from the named file.
func (h *handles) read(name string, buf []byte, at int64) error {
	o, err := h.get(name)
	if err != nil {
		return err
	}
	if err := readAt(o, buf, at); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// Close closes what is open. It may be called twice.
func (h *handles) Close() error {
	var errs []error
	for name, f := range h.open {
		errs = append(errs, f.Close())
		delete(h.open, name)
	}
	return errors.Join(errs...)
}

// readAt fills buf, whole or with an error.
func readAt(r io.ReaderAt, buf []byte, at int64) error {
	n, err := r.ReadAt(buf, at)
	if n == len(buf) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%d of %d bytes at %d: %w", n, len(buf), at, err)
}

// errDamaged says that a file is not what was written.
var errDamaged = errors.New("damaged")

// damaged names what is wrong with a file.
func damaged(name, format string, args ...any) error {
	return fmt.Errorf("%s: %w: %s", name, errDamaged, fmt.Sprintf(format, args...))
}

package sorted

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
)

// Handles keeps some files of a store open, those used last, so that a merge of thousands of files needs no thousands of
// descriptors. It is used by one goroutine.
type Handles struct {
	ctx   context.Context // of the one task it serves
	store pipeline.Store
	open  map[string]*handle
	clock int64
}

type handle struct {
	pipeline.Object
	used int64
}

// MaxOpen is how many files a Handles has open at most. It leaves room below the usual limit of 1024 descriptors for several
// tasks at once.
const MaxOpen = 64

// NewHandles returns no open files yet. Files are opened in ctx, which is that of one task.
func NewHandles(ctx context.Context, store pipeline.Store) *Handles {
	return &Handles{ctx: ctx, store: store, open: map[string]*handle{}}
}

// Get returns an open file. It stays open at least until the next call of Get or Read.
func (h *Handles) Get(name string) (pipeline.Object, error) {
	h.clock++
	if f, ok := h.open[name]; ok {
		f.used = h.clock
		return f, nil
	}
	if err := h.ctx.Err(); err != nil {
		return nil, err
	}
	if len(h.open) >= MaxOpen {
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

// Read fills buf from the named file, whole or with an error.
func (h *Handles) Read(name string, buf []byte, at int64) error {
	o, err := h.Get(name)
	if err != nil {
		return err
	}
	return ReadAt(o, name, buf, at)
}

// Err is the error of the task's context, for work that reads seldom.
func (h *Handles) Err() error { return h.ctx.Err() }

// Close closes what is open. It may be called twice.
func (h *Handles) Close() error {
	var errs []error
	for name, f := range h.open {
		errs = append(errs, f.Close())
		delete(h.open, name)
	}
	return errors.Join(errs...)
}

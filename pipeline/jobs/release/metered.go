package release

import (
	"context"
	"sync/atomic"

	"github.com/millrace/millrace/pipeline"
)

// metered is a store that counts the bytes which are read of it.
type metered struct {
	pipeline.Store
	read *atomic.Int64
}

// Open implements pipeline.Store.
func (m metered) Open(ctx context.Context, name string) (pipeline.Object, error) {
	o, err := m.Store.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	return &meteredObject{o, m.read}, nil
}

type meteredObject struct {
	pipeline.Object
	read *atomic.Int64
}

// ReadAt implements io.ReaderAt.
func (o *meteredObject) ReadAt(p []byte, at int64) (int, error) {
	n, err := o.Object.ReadAt(p, at)
	o.read.Add(int64(n))
	return n, err
}

package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

	"github.com/zeebo/xxh3"
)

// OutputWriter writes one output file of a task and describes it for the ledger. It keeps the first error and refuses
// everything after it, so a caller that loses an error (as some encoders do) cannot commit a broken file. Not safe for
// concurrent use.
type OutputWriter struct {
	w    Writer
	name string
	out  bool
	hash hash.Hash // nil where the digest is not of bytes
	n    int64
	err  error
}

// CreateOut starts a file of the version that is being made; its digest is the sha256 of its bytes.
func CreateOut(ctx context.Context, job *Job, name string) (*OutputWriter, error) {
	w, err := job.Out.Create(ctx, name)
	if err != nil {
		return nil, err
	}
	return &OutputWriter{w: w, name: name, out: true, hash: sha256.New()}, nil
}

// CreateWork starts a work file of the run; its digest is the xxh3-128 of its bytes.
func CreateWork(ctx context.Context, job *Job, name string) (*OutputWriter, error) {
	o, err := CreateSpill(ctx, job, name)
	if err != nil {
		return nil, err
	}
	o.hash = xxh3.New128()
	return o, nil
}

// CreateSpill starts a work file of the run that has no digest of its bytes: who writes it knows one of its content.
func CreateSpill(ctx context.Context, job *Job, name string) (*OutputWriter, error) {
	w, err := job.Work.Create(ctx, name)
	if err != nil {
		return nil, err
	}
	return &OutputWriter{w: w, name: name}, nil
}

// Write implements io.Writer. A short write is an error.
func (o *OutputWriter) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(p)
	if err == nil && n < len(p) {
		err = fmt.Errorf("wrote %d of %d bytes", n, len(p))
	}
	if err != nil {
		o.err = fmt.Errorf("write %s: %w", o.name, err)
		return n, o.err
	}
	if o.hash != nil {
		_, _ = o.hash.Write(p) // a hash never fails
	}
	o.n += int64(n)
	return n, nil
}

// Bytes is how much was written so far.
func (o *OutputWriter) Bytes() int64 { return o.n }

// Commit makes the file appear and returns its description (invariant 2), that of a spill without its digest. It fails if any write failed.
func (o *OutputWriter) Commit(rows int64) (Output, error) {
	if o.err != nil {
		return Output{}, o.err
	}
	if err := o.w.Commit(); err != nil {
		o.err = fmt.Errorf("commit %s: %w", o.name, err)
		return Output{}, o.err
	}
	d := Output{Name: o.name, Bytes: o.n, Rows: rows, Out: o.out}
	if o.hash != nil {
		d.Digest = hex.EncodeToString(o.hash.Sum(nil))
	}
	return d, nil
}

// Close removes what was written unless Commit succeeded.
func (o *OutputWriter) Close() error {
	if o.err == nil {
		o.err = errors.New("closed")
	}
	return o.w.Close()
}

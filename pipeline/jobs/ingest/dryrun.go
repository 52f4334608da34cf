package ingest

import (
	"context"
	"errors"
	"io/fs"

	"millrace/pipeline/intake"
	"millrace/pipeline/store"
)

// DryRun plans a run and does nothing: no folder is made, nothing is locked.
func DryRun(ctx context.Context, o Options) (p intake.Preview, err error) {
	out, err := store.Absolute(o.Out)
	if err != nil {
		return p, err
	}
	o.Out = out
	r := planner{Options: o}
	opened, err := store.Open(ctx, out, store.Options{Access: o.Access})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return p, err
	}
	if err == nil {
		defer func() { _ = opened.Close() }() // nothing was written
		r.corpus = o.open(opened)
	}
	d, err := r.draft(ctx)
	if err != nil {
		return p, err
	}
	return d.Preview(ctx, o.Options)
}

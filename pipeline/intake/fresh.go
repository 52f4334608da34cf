package intake

import (
	"context"
	"slices"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

const (
	// freshFor is how long a file counts as one that somebody may still be writing, and stillFor how long it then has to stay
	// as it is to be taken. An object in a bucket appears whole.
	freshFor = 10 * time.Second
	stillFor = time.Second
)

// settle takes out the files that are still being written: those of the last seconds whose size or time moves while it waits.
// They are for the next run.
func (l *Listing) settle(ctx context.Context) (err error) {
	after := time.Now().Add(-freshFor).UnixNano()
	suspect := func(f *ingest.File) bool {
		return f.Reject == "" && f.ModTime > after && !store.IsRemote(l.sources[f.Source].Root)
	}
	if !slices.ContainsFunc(l.files, func(f ingest.File) bool { return suspect(&f) }) {
		return nil
	}
	l.counts.Begin(pipeline.PlanningStep{Name: stepSettle})
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(stillFor):
	}
	l.keep(func(i int) bool {
		f := &l.files[i]
		if err != nil || !suspect(f) {
			return true
		}
		var now store.Found
		now, err = store.StatBelow(ctx, l.sources[f.Source].Root, f.Path, l.access)
		return err != nil || now.Bytes == f.Bytes && now.ModTime == f.ModTime && now.Reason == ""
	})
	return err
}

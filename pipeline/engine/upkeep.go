package engine

import (
	"context"
	"errors"
	"os"
	"time"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/store"
)

// Upkeep is a corpus in the hands of a command that is no run: drop, compact, gc. One of these, or one run, has it at a time.
type Upkeep struct {
	Corpus *corpus.Corpus
	// Unfinished is the plan of a run that can still be resumed, nil if there is none.
	Unfinished *pipeline.Plan

	space *workspace
}

// KeepUp takes the corpus in o.Out, as Run does, calls f and gives it back. f's context ends if another process takes it
// over. Of the options only Out, Work, Access and Log are used.
func KeepUp(ctx context.Context, o Options, f func(context.Context, *Upkeep) error) (err error) {
	if o.Out, err = store.Absolute(o.Out); err != nil {
		return err
	}
	if err := o.settleWork(); err != nil {
		return err
	}
	out, err := store.Open(ctx, o.Out, store.Options{Write: true, Sync: true, Access: o.Access})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	space, err := o.takeCorpus(ctx, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, space.close()) }()
	ctx, lost := context.WithCancelCause(ctx)
	defer lost(nil)
	hold, err := store.Hold(ctx, out, o.Work, lost)
	if err != nil {
		return waitHint(err)
	}
	defer func() {
		if err != nil {
			err = pipeline.Cause(ctx, err)
		}
		err = errors.Join(err, hold.Close())
	}()
	u := &Upkeep{Corpus: corpus.Open(out), space: space}
	newest, err := u.Corpus.Newest(ctx)
	if err != nil {
		return err
	}
	left, _, err := findUnfinished(ctx, space.store)
	if err != nil {
		return err
	}
	if left != nil && left.Corpus == space.identity.ID && (newest == nil || left.plan.Parent == newest.Version) { // else it can never be committed
		u.Unfinished = left.plan
	}
	return f(ctx, u)
}

// WorkBytes is what lies in the work folder of runs: spills and the queue.
func (u *Upkeep) WorkBytes(ctx context.Context) (bytes int64, err error) {
	for _, folder := range []string{runsFolder, natsFolder} {
		infos, err := u.space.store.List(ctx, folder)
		if err != nil {
			return 0, err
		}
		for _, info := range infos {
			bytes += info.Bytes
		}
	}
	return bytes, nil
}

// ForgetWork removes it, and with it the unfinished run.
func (u *Upkeep) ForgetWork(ctx context.Context) error {
	u.Unfinished = nil
	return u.space.forget(ctx)
}

// RunInfo says when and where a command that began then takes place.
func RunInfo(started time.Time, tool string) corpus.RunInfo {
	host, err := os.Hostname()
	if err != nil {
		host = "" // it is only for people to read
	}
	return corpus.RunInfo{
		Started: started.UTC().Format(time.RFC3339), Seconds: time.Since(started).Seconds(), Host: host, Tool: tool,
	}
}

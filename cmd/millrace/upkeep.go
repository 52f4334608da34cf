package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// addWork adds the flag of the commands that change a corpus without reading a source.
func addWork(cmd *cobra.Command, work *string) {
	cmd.Flags().StringVar(work, "work", "", "`DIR` that runs into OUT have for what can be thrown away (default OUT/"+pipeline.WorkFolder+")")
}

// upkeep is a corpus in the hands of a command that is no job: drop, gc. One of these, or one job, has it at a time.
type upkeep struct {
	*engine.Local
	corpus *corpus.Corpus
	// unfinished is the plan of a job that can still be resumed, nil if there is none.
	unfinished *pipeline.Plan
}

// keepUp calls f with the corpus in a folder or bucket, held as a run holds it, and with the options of a run into it. What
// a crash left is removed first, but for dry.
func (a *app) keepUp(ctx context.Context, at, work string, dry bool, f func(context.Context, ingest.Options, *upkeep) error) error {
	o, err := a.upkeepOptions(ctx, at, work)
	if err != nil {
		return err
	}
	return holdCorpus(ctx, o, dry, func(ctx context.Context, k *upkeep) error { return f(ctx, o, k) })
}

// holdCorpus calls f with a corpus that this process has for itself.
func holdCorpus(ctx context.Context, o ingest.Options, dry bool, f func(context.Context, *upkeep) error) error {
	return engine.Hold(ctx, o.Engine(), func(ctx context.Context, l *engine.Local) error {
		k := &upkeep{Local: l, corpus: openCorpus(l.Out())}
		newest, err := k.corpus.Newest(ctx)
		if err != nil {
			return err
		}
		left, err := l.Left(ctx)
		if err != nil {
			return err
		}
		if left != nil && left.Plan.Kind == ingest.Name && left.Corpus == l.Identity() && (newest == nil || left.Plan.Parent == newest.Version) { // else it can never be committed
			k.unfinished = left.Plan
		}
		if !dry {
			if err := k.corpus.Recover(ctx, k.unfinished); err != nil {
				return err
			}
		}
		return f(ctx, k)
	})
}

// upkeepOptions are those of a command that changes the corpus in a folder or bucket, which has to be there.
func (a *app) upkeepOptions(ctx context.Context, at, work string) (o ingest.Options, err error) {
	if err := a.withCorpus(ctx, at, func(*corpus.Corpus) error { return nil }); err != nil {
		return o, err
	}
	c, err := a.load()
	if err != nil {
		return o, err
	}
	if o, err = engineOptions(c); err != nil {
		return o, err
	}
	if o.Log, err = a.logger(); err != nil {
		return o, err
	}
	o.Out, o.Work = at, work
	if o.Work == "" && !store.IsRemote(c.Work) { // where runs of one process have theirs
		o.Work = c.Work
	}
	return o, nil
}

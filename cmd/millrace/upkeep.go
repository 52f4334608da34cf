package main

import (
	"context"

	"github.com/spf13/cobra"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/engine"
	"millrace/pipeline/store"
)

// upkeepOptions are the flags of the commands that change a corpus without reading a source.
type upkeepOptions struct {
	work string
}

func (o *upkeepOptions) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.work, "work", "", "`DIR` that runs into OUT have for what can be thrown away (default OUT/"+pipeline.WorkFolder+")")
}

// keepUp calls f with the corpus in a folder or bucket, held as a run holds it, and with the options of a run into it. What
// a crash left is removed first, but for dry.
func (a *app) keepUp(ctx context.Context, at string, u *upkeepOptions, dry bool, f func(context.Context, engine.Options, *engine.Upkeep) error) error {
	exists := func(*corpus.Corpus) error { return nil }
	if err := a.withCorpus(ctx, at, exists); err != nil {
		return err
	}
	c, err := a.load()
	if err != nil {
		return err
	}
	o, err := engineOptions(c)
	if err != nil {
		return err
	}
	if o.Log, err = a.logger(); err != nil {
		return err
	}
	o.Out, o.Work = at, u.work
	if o.Work == "" && !store.IsRemote(c.Work) { // where runs of one process have theirs
		o.Work = c.Work
	}
	return engine.KeepUp(ctx, o, func(ctx context.Context, k *engine.Upkeep) error {
		if !dry {
			if err := k.Corpus.Recover(ctx, k.Unfinished); err != nil {
				return err
			}
		}
		return f(ctx, o, k)
	})
}

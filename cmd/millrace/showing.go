package main

import (
	"context"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/monitor"
)

// shown does a job of a kind, and shows meanwhile how far it is: on a terminal, or in the log.
func shown[R any](ctx context.Context, a *app, o *ingest.Options, kind string, do func(engine.Options) (R, error)) (R, error) {
	options := o.Engine()
	tracker := monitor.NewTracker(chainsOf(kind, options.Kinds)...)
	options.Observer = tracker
	tracker.Planning().Restart("looking at the corpus")
	a.display.Show(ctx, tracker, o.Log)
	defer a.display.Stop()
	return do(options)
}

// chainsOf is the chain of the kind of a name, for who shows how far a job is.
func chainsOf(name string, kinds []engine.Kind) (chains []pipeline.Chain) {
	for _, k := range kinds {
		if k.Name() == name {
			chains = append(chains, k.Chain())
		}
	}
	return chains
}

// metered does something that is no job, and shows how much of it is done.
func metered[R any](ctx context.Context, a *app, name string, do func(*monitor.Meter) (R, error)) (none R, err error) {
	log, err := a.logger()
	if err != nil {
		return none, err
	}
	m := monitor.NewMeter(name)
	a.display.Show(ctx, m, log)
	defer a.display.Stop()
	return do(m)
}

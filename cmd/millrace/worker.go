package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/views"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/engine/isolated"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/monitor"
)

func newWorker(a *app) *cobra.Command {
	var f memberFlags
	var stages []string
	var slots int
	var http string
	cmd := &cobra.Command{
		Use:   "worker [flags]",
		Short: "Take tasks of the runs of a corpus until stopped",
		Long: `Takes tasks of whatever run millrace serve has under way, and waits for the next one. Any number of workers may run, on
any machine that reaches NATS, the corpus, the work files and the sources; they may come and go. With --stages a worker does
some stages only, and hands on to those that do the next.

SIGTERM finishes what is in hand, for worker.shutdown_timeout at most, and hands the rest back; a second one kills. A
killed worker costs its tasks nats.ack_wait, nothing else.`,
		Example: "  millrace worker --config configs/cluster.yaml\n  millrace worker --out /shared/corpus --nats nats://queue:4222 --stages " +
			strings.Join(ingestChain()[0].Names(), ","),
		Args: wantArgs(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.config(a)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("slots") {
				c.Workers = slots
			}
			if cmd.Flags().Changed("http") {
				c.Worker.HTTP = http
			}
			if cmd.Flags().Changed("stages") {
				c.Worker.Stages = stages
			}
			if c, err = configError(c, c.Validate()); err != nil {
				return err
			}
			return a.work(cmd.Context(), c)
		},
	}
	f.add(cmd)
	f.addSources(cmd)
	cmd.Flags().StringSliceVar(&stages, "stages", nil, "`STAGES` that this worker does, separated by commas (default all)")
	cmd.Flags().IntVar(&slots, "slots", 0, "`N` batches and tasks are worked on at once (default the CPUs)")
	cmd.Flags().StringVar(&http, "http", "", "`ADDRESS` of health and metrics of this worker (default none)")
	return cmd
}

// work takes tasks until ctx ends.
func (a *app) work(ctx context.Context, c config.Config) (err error) {
	if len(c.Worker.Stages) == 0 {
		c.Worker.Stages = stageNames()
	}
	if c.Worker.Stages, err = pipeline.StageNames(stageNames(), c.Worker.Stages); err != nil {
		return err
	}
	log, err := a.logger()
	if err != nil {
		return err
	}
	open, err := openingOf(c)
	if err != nil {
		return err
	}
	options, err := open.clusterOptions(log)
	if err != nil {
		return err
	}
	tracker := monitor.NewTracker(options.Chain)
	options.Observer, options.Isolate = tracker, isolate
	if task, err := isolated.Task(); err != nil || task != nil {
		if err != nil {
			return err
		}
		return a.oneTaskOfWorker(ctx, c, options, *task)
	}
	if err := open.check(c.Worker.Stages...); err != nil {
		return err
	}
	shown := views.New(stageNames())
	_, stop, err := views.Listen(ctx, c.Worker.HTTP, shown.Worker(tracker), log)
	if err != nil {
		return err
	}
	defer stop()
	site, err := openSite(ctx, c, options.Access)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.close()) }()
	m, err := join(ctx, c, worker, log)
	if errors.Is(context.Cause(ctx), errInterrupted) {
		return nil // being told to stop is how it ends
	}
	if err != nil {
		return err
	}
	defer m.close()
	shown.Joined(&cluster.Client{Control: m.control}, nil, views.Commit{})
	w := &cluster.Worker{
		Control: m.control, Site: engine.NewSite(options.Engine(), site.out, site.work), Stages: c.Worker.Stages, Slots: c.Slots(), Log: log,
		Bytes: func() map[string]int64 { return inputBytes(tracker.Snapshot()) }, ShutdownTimeout: c.Worker.ShutdownTimeout,
	}
	return w.Run(ctx)
}

// oneTaskOfWorker does a task for the worker that started this process.
func (a *app) oneTaskOfWorker(ctx context.Context, c config.Config, o ingest.Options, task engine.IsolatedTask) (err error) {
	site, err := openSite(ctx, c, o.Access)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.close()) }()
	return a.doOneTask(func(beat func()) ([]pipeline.Entry, error) {
		return engine.NewSite(o.Engine(), site.out, site.work).Isolated(ctx, task, beat)
	})
}

// inputBytes is the input that went through each stage.
func inputBytes(s monitor.Snapshot) map[string]int64 {
	bytes := map[string]int64{}
	for _, stage := range s.Stages {
		if stage.Bytes > 0 {
			bytes[stage.Name] = stage.Bytes
		}
	}
	return bytes
}

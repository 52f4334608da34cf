package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"millrace/cmd/millrace/config"
	"millrace/pipeline"
	"millrace/pipeline/engine"
	"millrace/pipeline/monitor"
)

// runOptions are the flags of run.
type runOptions struct {
	out     string
	work    string
	workers int
	restart bool
	dryRun  bool
}

func (o *runOptions) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "", "`DIR` of the corpus; made if need be, added to if there is one (required)")
	f.StringVar(&o.work, "work", "", "`DIR` for what can be thrown away (default OUT/"+pipeline.WorkFolder+")")
	f.IntVar(&o.workers, "workers", 0, "`N` goroutines hold a batch (default the CPUs)")
	f.BoolVar(&o.restart, "restart", false, "throw an unfinished run away instead of resuming it")
	f.BoolVar(&o.dryRun, "dry-run", false, "print what a run would do, and do nothing")
}

func newRun(a *app) *cobra.Command {
	o := &runOptions{}
	cmd := &cobra.Command{
		Use:   "run [flags] PATH...",
		Short: "Turn files and folders into the next version of a corpus",
		Long: `Reads the files named, and all files below the folders named, and commits one new version of the corpus in --out:
parse, normalize, filter, remove duplicates, count the vocabulary, write shards. Files that a version holds already are
skipped; with nothing new, nothing is committed. An interrupted run is resumed by the same command.`,
		Example: "  millrace run data/news --out corpus\n  millrace run --config configs/laptop.yaml --out corpus data/*.jsonl.gz",
		Args:    wantArgs(1, -1, "PATH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("workers") {
				c.Workers = o.workers
				if c, err = configError(c, c.Validate()); err != nil {
					return err
				}
			}
			if o.out == "" {
				return usageError("name the folder of the corpus, such as --out corpus", "--out is missing")
			}
			return a.run(cmd.Context(), o, c, args)
		},
	}
	o.addFlags(cmd)
	return cmd
}

func (a *app) run(ctx context.Context, o *runOptions, c config.Config, paths []string) error {
	log, err := a.logger()
	if err != nil {
		return err
	}
	tracker := monitor.NewTracker()
	options, err := engineOptions(c)
	if err != nil {
		return err
	}
	options.Out, options.Work, options.Paths, options.Restart = o.out, o.work, paths, o.restart
	options.Log, options.Observer = log, tracker
	if o.dryRun {
		preview, err := engine.DryRun(ctx, options)
		if err != nil {
			return err
		}
		if a.json {
			return writeJSON(a.out, preview)
		}
		return printPreview(a.out, &preview)
	}
	a.display.Show(ctx, tracker, log)
	result, err := engine.Run(ctx, options)
	a.display.Stop()
	if err != nil {
		return err
	}
	if a.json {
		err = writeJSON(a.out, result)
	} else {
		err = printResult(a.out, o.out, &result)
	}
	if err == nil && result.Rejects() {
		hint := fmt.Sprintf("millrace inspect %s says what and why", o.out)
		return pipeline.WithHint(fmt.Errorf("%w: %s", errRejected, rejectText(&result)), hint)
	}
	return err
}

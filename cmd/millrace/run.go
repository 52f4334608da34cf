package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/engine/isolated"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/monitor"
)

// movedUsage says what --moved is for.
const movedUsage = "the source `NAME` lies elsewhere than the corpus remembers, and is the same one; may be repeated"

// runOptions are the flags of run.
type runOptions struct {
	out     string
	work    string
	workers int
	restart bool
	dryRun  bool
	date    string
	dated   bool // date was given
	wait    bool
	http    string
	force   bool
	retry   bool
	sources []string
	moved   []string
	named   []intake.NamedPath // sources, read
}

func (o *runOptions) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "", "`DIR` of the corpus; made if need be, added to if there is one (required)")
	f.StringVar(&o.work, "work", "", "`DIR` for what can be thrown away (default OUT/"+pipeline.WorkFolder+")")
	f.IntVar(&o.workers, "workers", 0, "`N` goroutines hold a batch (default the CPUs)")
	f.BoolVar(&o.restart, "restart", false, "throw an unfinished run away instead of resuming it")
	f.StringVar(&o.date, "date", "", "logical `DATE` of a nightly run, 2026-11-23: done once for each date, whatever starts it")
	f.BoolVar(&o.wait, "wait", false, "wait for another run on the corpus to end")
	f.StringVar(&o.http, "http", "", "`ADDRESS` of a page that shows the run in a browser, such as 127.0.0.1:8642 (default none)")
	f.BoolVar(&o.force, "force", false, "commit also what the alarms of the config would stop")
	f.BoolVar(&o.retry, "retry-rejected", false, "take files again that were rejected, wholly or in part, though they did not change: after a change of settings")
	f.StringArrayVar(&o.sources, "source", nil, "`NAME=PATH`: read PATH as the source NAME, whatever it is called; may be repeated")
	f.StringArrayVar(&o.moved, "moved", nil, movedUsage)
	f.BoolVar(&o.dryRun, "dry-run", false, "print what a run would do, and do nothing")
}

func newRun(a *app) *cobra.Command {
	o := &runOptions{}
	cmd := &cobra.Command{
		Use:   "run [flags] [PATH...]",
		Short: "Turn files and folders into the next version of a corpus",
		Long: `Reads the files named, and all files below the folders named, and commits one new version of the corpus in --out:
parse, normalize, filter, remove duplicates, count the vocabulary, write shards. Files that a version holds already are
skipped; with nothing new, nothing is committed. An interrupted run is resumed by the same command.

The source of a file is called as the folder that was named, "files" if the file was; two folders of one name as the ends of
their paths that differ: 2025/news, 2026/news. The corpus remembers where a source lies, and refuses a PATH that is called as
one in another place: --source gives it another name, and --moved says that it is the same one. What --source says counts more
than the config.

Without a PATH it reads the sources that the config says to scan, as millrace serve does: with --date this is a night's run
for a timer of the system, which may start it twice or late.`,
		Example: "  millrace run data/news --out corpus\n  millrace run --config configs/laptop.yaml --out corpus data/*.jsonl.gz",
		Args:    wantArgs(0, -1, "PATH"),
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
			o.out, o.work = cmp.Or(o.out, c.Out), cmp.Or(o.work, c.Work)
			for _, s := range o.sources {
				n, err := intake.ParseNamed(s)
				if err != nil {
					return err
				}
				o.named = append(o.named, n)
			}
			if len(args)+len(o.named) == 0 {
				if _, err := scannedRoots(c); err != nil {
					return err
				}
			}
			if o.dated = cmd.Flags().Changed("date"); o.dated && o.date == "" {
				return errNoDate()
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
	open, err := openingOf(c)
	if err != nil {
		return err
	}
	options, err := open.options()
	if err != nil {
		return err
	}
	tracker := monitor.NewTracker(options.Chain)
	options.Out, options.Work, options.Paths, options.Restart = o.out, o.work, paths, o.restart
	options.Named, options.Moved = o.named, o.moved
	options.Log, options.Observer, options.Wait, options.Planning = log, tracker, o.wait, tracker.Planning()
	options.Force, options.RetryRejected, options.Isolate = o.force, o.retry, isolate
	if task, err := isolated.Task(); err != nil || task != nil {
		if err != nil {
			return err
		}
		options.Observer = nil
		return a.doOneTask(func(beat func()) ([]pipeline.Entry, error) {
			return engine.RunIsolated(ctx, options.Engine(), *task, beat)
		})
	}
	if err := open.check(options.Chain.Names()...); err != nil {
		return err
	}
	if len(paths)+len(o.named) == 0 {
		if options.Roots, err = scannedRoots(c); err != nil {
			return err
		}
	}
	if o.dated {
		request, err := requestOf(c, "", o.date)
		if err != nil {
			return err
		}
		options.ID, options.Date = request.ID, request.Date
	}
	if o.dryRun {
		a.display.Show(ctx, tracker, log)
		preview, err := ingest.DryRun(ctx, options)
		a.display.Stop()
		if err != nil {
			return err
		}
		return a.tell(preview, func(w io.Writer) error { return output.Preview(w, &preview, a.outColumns) })
	}
	stop, err := a.showRun(ctx, o.http, c, o.out, tracker, log)
	if err != nil {
		return err
	}
	defer stop()
	a.display.Show(ctx, tracker, log)
	result, err := ingest.Run(ctx, options)
	a.display.Stop()
	if err := a.printRun(o.out, &result, err != nil); err != nil {
		return err
	}
	if err == nil {
		a.hintStanding(&result)
		err = rejected(o.out, &result)
	}
	return err
}

// errNoDate says that a date was asked for and is none, as where a variable of a script is not set.
func errNoDate() error {
	return usageError("write --date 2026-11-23, or leave it out for a run without a date", "--date is empty")
}

// rejected is the error of a run that could not take everything in, nil if it could.
func rejected(out string, r *ingest.Result) error {
	switch {
	case !r.Rejects():
		return nil
	case r.Barren && len(r.Finished) == 0:
		return pipeline.WithHint(fmt.Errorf("%w: %s", errBarren, output.Rejects(r)), "millrace detect and run --dry-run say what each file is taken for")
	}
	hint := fmt.Sprintf("millrace inspect %s says what and why", out)
	return pipeline.WithHint(fmt.Errorf("%w: %s", errRejected, output.Rejects(r)), hint)
}

// hintStanding says, where nothing was new, that there may be something to do all the same.
func (a *app) hintStanding(r *ingest.Result) {
	if r.Standing == 0 {
		return
	}
	of := "an earlier version of millrace"
	if len(r.Settings) > 0 {
		of = "other settings (" + strings.Join(r.Settings, "; ") + ")"
	}
	stand := " stand"
	if r.Standing == 1 {
		stand = " stands"
	}
	// There is nowhere else to say it.
	_ = a.aside(asideHint, "%s of runs with %s%s; --retry-rejected takes their files again", pipeline.Counted(r.Standing, "reject"), of, stand)
}

// printRun prints what a run ended with. One that failed may have finished or given up another before.
func (a *app) printRun(out string, result *ingest.Result, failed bool) error {
	if failed && len(result.Finished) == 0 {
		return a.printGivenUp(result)
	}
	if a.json {
		return output.JSON(a.out, result)
	}
	if err := a.printGivenUp(result); err != nil {
		return err
	}
	for i := range result.Finished {
		if err := output.Run(a.out, out, &result.Finished[i]); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(a.out); err != nil {
			return err
		}
	}
	if failed {
		return nil
	}
	return output.Run(a.out, out, result)
}

// printGivenUp says beside the result that an unfinished run was given up.
func (a *app) printGivenUp(r *ingest.Result) error {
	if r.GivenUp == nil || a.json {
		return nil
	}
	return a.aside(asideNote, "%s", r.GivenUp.Why)
}

// scannedRoots are the sources of the config that a run without paths reads.
func scannedRoots(c config.Config) ([]intake.Root, error) {
	roots, err := absoluteRoots(c)
	if err != nil {
		return nil, err
	}
	roots = slices.DeleteFunc(roots, func(r intake.Root) bool { return !r.Scan })
	if len(roots) == 0 {
		return nil, usageError("name files or folders, or set path and scan of a source in the config", "PATH is missing")
	}
	return roots, nil
}

package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
)

func newGC(a *app) *cobra.Command {
	work, in := "", corpus.GCInput{}
	unfinished := false
	cmd := &cobra.Command{
		Use:   "gc OUT",
		Short: "Remove what a corpus does not need",
		Long: `Removes from the corpus in OUT what belongs to no version: spills, queue and half-built versions of runs that cannot be
resumed. With --keep K also what of versions only manifests older than the newest K name: dropped versions, shards that were
compacted, index runs that were merged, and these manifests. With --keep-for 720h those manifests keep what they name whose
version was the newest at some time of the last 720 hours, by what manifests tell of when their runs ended: for readers that still
read an older version. With both, what either keeps is kept. Never anything that a manifest needs which is kept; never an unfinished
run, unless --unfinished gives it up.

A version can be dropped for as long as the corpus can be had as it was before it. Behind a compaction, or a run that merged keys of
the index, that takes files that are not needed otherwise: gc says on stderr, before it removes anything, which versions cannot be
dropped any more then, and --dry-run says the same. In a bucket it does not know of a run of a cluster that has failed: such a one
then needs start --restart.`,
		Example: "  millrace gc corpus --dry-run --keep 7\n  millrace gc corpus --keep 7 --keep-for 720h",
		Args:    wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if in.Keep < 0 || cmd.Flags().Changed("keep") && in.Keep == 0 {
				return usageError("the newest version is always kept: --keep 1 keeps nothing but what it needs", "--keep %d is less than 1", in.Keep)
			}
			if cmd.Flags().Changed("keep-for") && in.KeepFor <= 0 {
				return usageError("name a time, such as 720h, or leave it out", "--keep-for %v is no time", in.KeepFor)
			}
			in.Tell = func(r *corpus.GCReport) error {
				if len(r.Lost) == 0 {
					return nil
				}
				return a.aside(asideNote, "after this, %s", output.NotDroppable(r.Lost))
			}
			return a.keepUp(cmd.Context(), args[0], work, true, func(ctx context.Context, _ ingest.Options, k *upkeep) error {
				report, err := collect(ctx, k, in, unfinished)
				if err != nil {
					return err
				}
				return a.tell(report, func(w io.Writer) error { return output.Collected(w, report, in.DryRun) })
			})
		},
	}
	addWork(cmd, &work)
	f := cmd.Flags()
	f.IntVar(&in.Keep, "keep", 0, "free what only manifests older than the newest `K` name (default: nothing that any manifest names)")
	f.DurationVar(&in.KeepFor, "keep-for", 0, "free what only manifests name whose version was not the newest in the last `TIME`, such as 720h")
	f.BoolVar(&in.DryRun, "dry-run", false, "print what would be removed, and do nothing")
	f.BoolVar(&unfinished, "unfinished", false, "give an unfinished run up: its work is removed as well")
	return cmd
}

// collect removes the work of runs, unless one of them can be resumed, and what the corpus does not need; in.Tell is called before.
func collect(ctx context.Context, k *upkeep, in corpus.GCInput, unfinished bool) (*corpus.GCReport, error) {
	var work int64
	var err error
	if k.unfinished == nil || unfinished {
		if work, err = k.WorkBytes(ctx); err != nil {
			return nil, err
		}
		k.unfinished = nil
		tell := in.Tell
		in.Tell = func(r *corpus.GCReport) error {
			if err := tell(r); err != nil {
				return err
			}
			return k.Forget(ctx) // before what the run has built in the corpus: a plan without that could not go on
		}
	}
	in.LivePlan = k.unfinished
	report, err := k.corpus.GC(ctx, in)
	if err == nil && work > 0 {
		report.Freed = append(report.Freed, corpus.Freed{Path: "spills and queue", Bytes: work, Why: corpus.FreedStaging})
		report.Bytes += work
	}
	return report, err
}

package main

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
)

func newDrop(a *app) *cobra.Command {
	work, in := "", corpus.DropInput{}
	cmd := &cobra.Command{
		Use:   "drop OUT VERSION",
		Short: "Take the newest version out of a corpus again",
		Long: `Takes VERSION, which must be the newest live one, out of the corpus in OUT, by a new version that is what the corpus was
before it. The next run takes its files again and compares nothing with its documents. Dropping a compaction brings back the
shards that it took the place of. No file is removed: millrace gc does that. A version can be dropped for as long as all files are
there that the corpus was made of before it; gc says which versions these are, and compact which ones a gc will cost.`,
		Example: "  millrace drop corpus 7\n  millrace drop corpus 5 --later",
		Args:    wantArgs(2, 2, "OUT or VERSION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if in.Version, err = strconv.Atoi(args[1]); err != nil || in.Version < 1 {
				return usageError("millrace log OUT lists the versions", "%q is not the number of a version", args[1])
			}
			started := time.Now()
			return a.keepUp(cmd.Context(), args[0], work, false, func(ctx context.Context, o ingest.Options, k *upkeep) error {
				in.Run = manifest.Ran(engine.NewInfo(started, o.Tool)).Info()
				m, err := k.corpus.Drop(ctx, in)
				if err != nil {
					return err
				}
				return a.say(map[string]any{"version": m.Version, "drops": m.Drops, "live": m.Live},
					"version %d is the corpus without %s; %s\n", m.Version, output.Versions(m.Drops), liveText(m.Live))
			})
		},
	}
	addWork(cmd, &work)
	a.completesVersions(cmd, 1)
	cmd.Flags().BoolVar(&in.Later, "later", false, "drop the live versions behind VERSION as well")
	return cmd
}

func liveText(live []int) string {
	switch len(live) {
	case 0:
		return "it is empty"
	case 1:
		return "live is " + manifest.VersionRange(live)
	}
	return "live are " + manifest.VersionRange(live)
}

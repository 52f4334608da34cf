package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/engine"
	"millrace/pipeline/jobs/ingest"
)

func newCompact(a *app) *cobra.Command {
	u := &upkeepOptions{}
	cmd := &cobra.Command{
		Use:   "compact OUT",
		Short: "Write the small shards of many nights into full-sized ones",
		Long: `Writes the documents of small Parquet shards, those of versions with less than half of plan.shard_bytes a shard, into
full-sized ones, as a new version of the same documents: each keeps its id and the version that brought it. What was written is
read again and compared before it is committed. Ledgers, vocabularies and the index stay as they are. The small shards stay
until millrace gc --keep frees them; until then a drop of the version brings them back. Arrow shards are left alone.`,
		Args: wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			started := time.Now()
			return a.keepUp(cmd.Context(), args[0], u, false, func(ctx context.Context, o ingest.Options, k *upkeep) error {
				m, err := k.corpus.Compact(ctx, corpus.CompactInput{
					ShardBytes: o.ShardBytes, Run: ingest.RunInfo(engine.NewInfo(started, o.Tool)),
					Table: c.Sinks.Parquet.TableOptions(),
				})
				if err != nil {
					return err
				}
				return a.printCompaction(m)
			})
		},
	}
	u.addFlags(cmd)
	return cmd
}

func (a *app) printCompaction(m *corpus.Manifest) error {
	switch {
	case m == nil && a.json:
		return writeJSON(a.out, map[string]any{"version": 0})
	case m == nil:
		p := &printer{w: a.out}
		p.printf("nothing to compact: no two versions have small shards that would be fewer\n")
		return p.err
	case a.json:
		return writeJSON(a.out, map[string]any{
			"version": m.Version, "compacts": m.Compacts, "shards": len(m.Files), "kept_ids": m.KeptIDs, "digest": m.Digest,
		})
	}
	p := &printer{w: a.out}
	p.printf("version %d has the documents of %s in %s\n", m.Version, pipeline.Counted(len(m.Compacts), "version"), pipeline.Counted(len(m.Files), "shard"))
	return p.err
}

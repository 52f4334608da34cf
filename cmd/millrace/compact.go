package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/compact"
)

func newCompact(a *app) *cobra.Command {
	var work string
	cmd := &cobra.Command{
		Use:   "compact OUT",
		Short: "Write the small shards of many nights into full-sized ones",
		Long: `Writes the documents of small Parquet shards, those of versions with less than half of plan.shard_bytes a shard, into
full-sized ones, as a new version of the same documents: each keeps its id and the version that brought it. Shards of earlier corpus
formats, small or not, are written anew with the columns of today, so that a corpus has one schema. What was written is
read again and compared before it is committed. Ledgers, vocabularies and the index stay as they are. The small shards stay
until millrace gc frees them, by --keep or --keep-for: until then a drop brings them back. Once they are freed, what lies between
the first version that was compacted and the compaction cannot be dropped one by one any more; the output names these versions.
Shards in other formats are left alone.`,
		Example: "  millrace compact corpus",
		Args:    wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.upkeepOptions(cmd.Context(), args[0], work)
			if err != nil {
				return err
			}
			r, err := shown(cmd.Context(), a, &o, compact.Name, func(e engine.Options) (compact.Result, error) { return compact.Run(cmd.Context(), e) })
			if err != nil {
				return err
			}
			return a.printCompaction(&r)
		},
	}
	addWork(cmd, &work)
	return cmd
}

func (a *app) printCompaction(r *compact.Result) error {
	return a.tell(r, func(w io.Writer) error { return output.Compacted(w, r) })
}

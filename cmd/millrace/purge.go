package main

import (
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/purge"
	"github.com/millrace/millrace/stages/dedupe"
)

func newPurge(a *app) *cobra.Command {
	var work string
	var p purge.Params
	cmd := &cobra.Command{
		Use:   "purge OUT",
		Short: "Leave no byte of documents that were removed",
		Long: `Documents that left the corpus in OUT, by millrace remove or because their files changed or vanished, are in no live shard any
more. Purge leaves nothing of their texts anywhere: it frees the old shards and all that only older versions need, as gc --keep 1
does, so nothing before it can be read or dropped any more; it writes ledgers without excerpts of their files, and the index without
their keys, by a new version; and it gives up unfinished runs, whose spills may hold them. Of documents that are to stay out when
they come again the index keeps hashes and signatures, from which no text can be made; of those removed with --allow-again not even
those. Ledgers go on naming them: id, source, path, reason.
What filters dropped and was kept for reading (removed: all) was never a document of the corpus, so millrace remove does not find it.
It is left out up to the version that removed something last; with --removed all of it is, whatever was removed.
millrace verify --purged proves it. Copies that others have made, backups and old versions that a bucket keeps are not reached.`,
		Example: "  millrace purge corpus\n  millrace verify corpus --purged",
		Args:    wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.upkeepOptions(cmd.Context(), args[0], work)
			if err != nil {
				return err
			}
			r, err := shown(cmd.Context(), a, &o, purge.Name, func(e engine.Options) (purge.Result, error) { return purge.Run(cmd.Context(), e, p) })
			if err != nil {
				return err
			}
			return a.printPurge(&r)
		},
	}
	addPurgeFlags(cmd.Flags(), &p)
	addWork(cmd, &work)
	return cmd
}

func addPurgeFlags(f *pflag.FlagSet, p *purge.Params) {
	f.BoolVar(&p.Removed, "removed", false, "leave out all that filters dropped and that was kept for reading, whatever was removed")
}

func (a *app) printPurge(r *purge.Result) error {
	return a.tell(r, func(w io.Writer) error { return output.Purged(w, r) })
}

// purgeKind is the kind of purges.
func purgeKind() *purge.Kind {
	return purge.New(purge.Options{
		Corpus: inCorpus(), Compared: dedupe.ComparedOf, Forget: dedupe.ForgetStage("forget", purge.Forgetting),
	})
}

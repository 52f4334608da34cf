package main

import (
	"github.com/spf13/cobra"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
)

func newLog(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "log OUT",
		Short: "List the versions of a corpus, a line each",
		Long: `Lists every version of the corpus in OUT that has a manifest, oldest first: when it was committed, what became of its
documents, its bytes and shards, its run digest, and what it replaced or dropped.`,
		Example: "  millrace log corpus",
		Args:    wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withCorpus(cmd.Context(), args[0], func(c *corpus.Corpus) error {
				l, err := show.Of(c).Log(cmd.Context())
				if err != nil {
					return err
				}
				return a.tell(l, l.WriteText)
			})
		},
	}
}

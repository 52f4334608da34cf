package main

import (
	"github.com/spf13/cobra"

	"millrace/pipeline/corpus"
	"millrace/pipeline/corpus/show"
)

func newVocab(a *app) *cobra.Command {
	o := show.VocabOptions{}
	cmd := &cobra.Command{
		Use:   "vocab OUT",
		Short: "Show the characters of a corpus by frequency",
		Long: `Shows the characters of the corpus in OUT up to a version, most frequent first: rank, count, in how many documents, how
often in the version's own documents (new), and the share of all characters. With --new only those that no version before
it had. vocab/VERSION/ has the same as chars.parquet, vocab.txt and tokenizer.json.`,
		Example: "  millrace vocab corpus --top 100\n  millrace vocab corpus --new --json",
		Args:    wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := notNegative(map[string]int{"top": o.Top, "version": o.Version}); err != nil {
				return err
			}
			return a.withCorpus(cmd.Context(), args[0], func(c *corpus.Corpus) error {
				v, err := show.Of(c).Vocab(cmd.Context(), o)
				if err != nil {
					return err
				}
				return a.tell(v, v.WriteText)
			})
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Top, "top", 50, "how many characters; 0: all")
	f.IntVar(&o.Version, "version", 0, "up to version `N` (default the newest)")
	f.BoolVar(&o.New, "new", false, "only characters that no earlier version had")
	return cmd
}

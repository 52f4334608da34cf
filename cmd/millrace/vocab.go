package main

import (
	"github.com/spf13/cobra"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
)

func newVocab(a *app) *cobra.Command {
	o := show.VocabOptions{Kind: show.Chars}
	words, ngram := false, 0
	cmd := &cobra.Command{
		Use:   "vocab OUT",
		Short: "Show the characters, words or runs of characters of a corpus by frequency",
		Long: `Shows the characters of the corpus in OUT up to a version, most frequent first: rank, count, in how many documents, how
often in the version's own documents (new), and the share of all characters. With --words or --ngram N its words, or its runs of
N characters, where runs count these (vocab.count). With --new only those that no version before it had. With --since V those
whose count changed since version V, by how much it did; with --new too those that V did not have. vocab/VERSION/ has the same
as chars.parquet, vocab.txt, tokenizer.json, words.parquet and ngrams-N.parquet; of a version that has counted and written no table
(vocab.growth) it is added up.`,
		Example: "  millrace vocab corpus --top 100\n  millrace vocab corpus --words --since 12\n  millrace vocab corpus --ngram 3 --new --json",
		Args:    wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := notNegative(map[string]int{"top": o.Top, "version": o.Version, "since": o.Since}); err != nil {
				return err
			}
			switch chosen := cmd.Flags().Changed("ngram"); {
			case chosen && words:
				return usageError("", "--words and --ngram are two vocabularies: name one")
			case chosen && (ngram < show.LeastNgram || ngram > show.MostNgram):
				return usageError("", "--ngram %d is not from %d to %d", ngram, show.LeastNgram, show.MostNgram)
			case chosen:
				o.Kind = show.Ngrams(ngram)
			case words:
				o.Kind = show.Words
			}
			settings, err := a.load()
			if err != nil {
				return err
			}
			return a.withCorpus(cmd.Context(), args[0], func(c *corpus.Corpus) error {
				v, err := show.Of(c).Tabling(tabler(settings.Vocab.Least)).Vocab(cmd.Context(), o)
				if err != nil {
					return err
				}
				return a.tell(v, v.WriteText)
			})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&words, "words", false, "words")
	f.IntVar(&ngram, "ngram", 0, "runs of `N` characters")
	f.IntVar(&o.Top, "top", 50, "how many; 0: all")
	f.IntVar(&o.Since, "since", 0, "what changed since version `V`")
	f.IntVar(&o.Version, "version", 0, "up to version `N` (default the newest)")
	f.BoolVar(&o.New, "new", false, "only what no earlier version had")
	return cmd
}

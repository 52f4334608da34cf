package main

import (
	"github.com/spf13/cobra"

	"millrace/pipeline/corpus"
)

func newInspect(a *app) *cobra.Command {
	o := corpus.InspectOptions{}
	cmd := &cobra.Command{
		Use:   "inspect OUT",
		Short: "Show what is in a corpus",
		Long: `Shows the versions of the corpus in OUT, what became of every document, the head of the vocabulary, sample documents,
the largest groups of duplicates, and what was left out with the reason.`,
		Args: wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			for flag, n := range map[string]int{
				"documents": o.Documents, "tokens": o.Tokens, "groups": o.Groups, "examples": o.Examples,
			} {
				if n < 0 {
					return usageError("", "--%s %d is negative", flag, n)
				}
			}
			return a.withCorpus(cmd.Context(), args[0], func(c *corpus.Corpus) error {
				in, err := c.Inspect(cmd.Context(), o)
				if err != nil {
					return err
				}
				if a.json {
					return writeJSON(a.out, in)
				}
				return in.WriteText(a.out)
			})
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Documents, "documents", 3, "how many sample documents")
	f.IntVar(&o.Tokens, "tokens", 20, "how many entries of the vocabulary")
	f.IntVar(&o.Groups, "groups", 5, "how many groups of duplicates")
	f.IntVar(&o.Examples, "examples", 3, "how many examples of each reason")
	return cmd
}

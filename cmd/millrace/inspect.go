package main

import (
	"github.com/spf13/cobra"

	"millrace/pipeline/corpus"
)

func newInspect(a *app) *cobra.Command {
	o := corpus.InspectOptions{}
	var from []string
	cmd := &cobra.Command{
		Use:   "inspect OUT",
		Short: "Show what is in a corpus",
		Long: `Shows the versions of the corpus in OUT, what became of every document, the head of the vocabulary, sample documents,
the largest groups of duplicates, and what was left out with the reason.

--from names the paths that millrace run was given: then the records that were rejected are told by their lines, too.`,
		Example: "  millrace inspect corpus\n  millrace inspect corpus --from ~/news",
		Args:    wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			for flag, n := range map[string]int{
				"documents": o.Documents, "tokens": o.Tokens, "groups": o.Groups, "examples": o.Examples,
			} {
				if n < 0 {
					return usageError("", "--%s %d is negative", flag, n)
				}
			}
			return a.withCorpus(cmd.Context(), args[0], func(c *corpus.Corpus) error {
				if len(from) > 0 {
					var err error
					if o.Line, err = a.liner(cmd.Context(), c, from); err != nil {
						return err
					}
				}
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
	f.StringArrayVar(&from, "from", nil, "`PATH` that millrace run was given, where the lines of rejects are found; may be repeated")
	return cmd
}

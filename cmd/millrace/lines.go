package main

import (
	"github.com/spf13/cobra"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
)

func newLines(a *app) *cobra.Command {
	o := show.LinesOptions{}
	cmd := &cobra.Command{
		Use:   "lines OUT",
		Short: "Show the lines that most documents of a site have in common",
		Long: `Shows the lines that most documents of the corpus in OUT have, within their group: in how many documents one is, which share of the group
that is, whether it is boilerplate, and how it stands in one of them. A group is the registered domain of the url in the metadata of documents, or
else their source. With --groups it shows the groups with most documents, and how much of their lines is boilerplate.
Lines are counted by millrace signals OUT --add lines; those of versions behind that are not counted yet.`,
		Example: "  millrace lines corpus --top 50\n  millrace lines corpus --group example.com --json\n  millrace lines corpus --groups",
		Args:    wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.Top < 1 {
				return usageError("", "--top %d is less than 1", o.Top)
			}
			return a.withCorpus(cmd.Context(), args[0], func(c *corpus.Corpus) error {
				l, err := show.Of(c).Lines(cmd.Context(), o)
				if err != nil {
					return err
				}
				return a.tell(l, l.WriteText)
			})
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Top, "top", 20, "how many lines, or groups")
	f.StringVar(&o.Group, "group", "", "only the lines of `GROUP`: a domain, or source:NAME")
	f.BoolVar(&o.Groups, "groups", false, "groups in the place of lines")
	return cmd
}

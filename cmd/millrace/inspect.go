package main

import (
	"cmp"
	"context"
	"io"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

func newInspect(a *app) *cobra.Command {
	o := show.InspectOptions{}
	var from []string
	var work string
	unfinished := false
	cmd := &cobra.Command{
		Use:   "inspect OUT",
		Short: "Show what is in a corpus",
		Long: `Shows the versions of the corpus in OUT, what became of every document, the head of the vocabulary, sample documents,
the largest groups of duplicates, and what was left out with the reason.

--from names the paths that millrace run was given: then the records that were rejected are told by their lines, too.

--unfinished shows the run that has no version yet instead, because it is under way, was interrupted, or was stopped by limits or
an alarm: how far it is, why it was stopped, and the files of which most was rejected, each with the first such record.`,
		Example: "  millrace inspect corpus\n  millrace inspect corpus --from ~/news\n  millrace inspect corpus --unfinished",
		Args:    wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := notNegative(map[string]int{"documents": o.Documents, "tokens": o.Tokens, "groups": o.Groups, "examples": o.Examples})
			if err != nil {
				return err
			}
			if unfinished {
				return a.inspectUnfinished(cmd.Context(), args[0], work)
			}
			return a.withCorpus(cmd.Context(), args[0], func(c *corpus.Corpus) error {
				if len(from) > 0 {
					var err error
					if o.Line, err = fromSource(cmd.Context(), a, c, from, intake.LineOf); err != nil {
						return err
					}
				}
				in, err := show.Of(c).Inspect(cmd.Context(), o)
				if err != nil {
					return err
				}
				return a.tell(in, in.WriteText)
			})
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Documents, "documents", 3, "how many sample documents")
	f.IntVar(&o.Tokens, "tokens", 20, "how many entries of the vocabulary")
	f.IntVar(&o.Groups, "groups", 5, "how many groups of duplicates")
	f.IntVar(&o.Examples, "examples", 3, "how many examples of each reason")
	f.StringArrayVar(&from, "from", nil, "`PATH` that millrace run was given, where the lines of rejects are found; may be repeated")
	f.BoolVar(&unfinished, "unfinished", false, "show the run that has no version yet")
	f.StringVar(&work, "work", "", "`DIR` that was named for what can be thrown away, with --unfinished (default that of the config)")
	return cmd
}

// inspectUnfinished shows the run into a corpus that has no version yet.
func (a *app) inspectUnfinished(ctx context.Context, at, work string) error {
	abs, err := placeOfCorpus(at)
	if err != nil {
		return err
	}
	c, err := a.load()
	if err != nil {
		return err
	}
	o, err := engineOptions(c)
	if err != nil {
		return err
	}
	o.Out, o.Work, o.Log = abs, cmp.Or(work, c.Work), zerolog.Nop()
	c.Out, c.Work = abs, o.Work
	if c.Work != "" {
		if c.Work, err = store.Absolute(c.Work); err != nil {
			return err
		}
	}
	r, err := ingest.Unfinished(ctx, o, workOf(c))
	if err != nil {
		return err
	}
	return a.tell(map[string]any{"unfinished": r}, func(w io.Writer) error { return output.Unfinished(w, at, r) })
}

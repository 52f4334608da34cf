package main

import (
	"encoding/json"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/signals"
)

func newSignals(a *app) *cobra.Command {
	var add, work string
	const measure = "config"
	cmd := &cobra.Command{
		Use:   "signals OUT",
		Short: "Show what was measured of the documents, or measure more",
		Long: `Shows every signal of the corpus in OUT: how many of the live documents have it, and how it is distributed over them. signals/VERSION/ has
them as Parquet, with a row for each row of a shard; shares and means are in millionths there.
With --add it measures all documents that lack one of the signals, as a new version of the same documents: what signals of the config lists, or
the families that are named. Runs measure their own documents by the same setting. Signals of the family lines follow from all documents: runs leave
them out, and --add measures them anew where documents came or went since. A drop of the version takes the signals away again.`,
		Example: `  millrace signals corpus
  millrace signals corpus --add text,repetition,script
  millrace signals --add text,repetition,script corpus
  millrace signals corpus --add --config news.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			// The list of --add need not be there, so it is the flag's own only behind an equals sign.
			if len(args) == 2 && add == measure {
				return nil
			}
			return wantArgs(1, 1, "OUT")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 {
				kinds := familyKinds()
				if kinds.names(args[0]) && !kinds.names(args[1]) { // --add LIST OUT
					slices.Reverse(args)
				}
				add = args[1]
			}
			if !cmd.Flags().Changed("add") {
				return a.withCorpus(cmd.Context(), args[0], func(c *corpus.Corpus) error {
					s, err := show.Of(c).Signals(cmd.Context())
					if err != nil {
						return err
					}
					return a.tell(s, s.WriteText)
				})
			}
			if add != measure {
				a.set = append(a.set, "signals=["+add+"]")
			}
			o, err := a.upkeepOptions(cmd.Context(), args[0], work)
			if err != nil {
				return err
			}
			r, err := shown(cmd.Context(), a, &o, signals.Name, func(e engine.Options) (signals.Result, error) { return signals.Run(cmd.Context(), e) })
			if err != nil {
				return err
			}
			return a.printMeasured(&r)
		},
	}
	f := cmd.Flags()
	f.StringVar(&add, "add", "", "measure the families `LIST`, or without a list those of signals in the config")
	f.Lookup("add").NoOptDefVal = measure
	addWork(cmd, &work)
	return cmd
}

func (a *app) printMeasured(r *signals.Result) error {
	return a.tell(r, func(w io.Writer) error { return output.Measured(w, r) })
}

// signalsOptions are those of the kind of job.
func signalsOptions(o *opening) signals.Options {
	list, err := json.Marshal(o.config.Signals)
	if err != nil {
		panic(err) // programmer error: a config has settings
	}
	return signals.Options{Corpus: inCorpus(), Signals: list, Families: o.families}
}

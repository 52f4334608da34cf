package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/jobs/reindex"
	"github.com/millrace/millrace/pipeline/rewrite"
	"github.com/millrace/millrace/stages/dedupe"
	"github.com/millrace/millrace/stages/vocab"
)

func newReindex(a *app) *cobra.Command {
	var p reindex.Params
	var work string
	cmd := &cobra.Command{
		Use:   "reindex OUT",
		Short: "Make the index of a corpus anew, by other settings of dedupe",
		Long: `Reads the texts of the corpus in OUT again and makes its index anew, as a new version of the same documents: where dedupe.threshold
or dedupe.min_shingles is to be another one, which no run may change, or where this millrace compares documents by another key
text than the one that made the index. From that version on the settings are those that runs must be given. A drop of the version
brings back the index and the settings before it, until millrace gc frees them.
With --dedupe documents that now equal or resemble an earlier one are withdrawn, as if all of them came one after the other, the first
of which stays whatever dedupe.winner says: the ledger names each of them, and the one that it resembles. Without it the same documents stay. Files of documents that had lost to one that
goes are read again by the next run; what had lost to one that stays does not come back.`,
		Example: `  millrace reindex corpus --set dedupe.threshold=0.8
  millrace run --out corpus --set dedupe.threshold=0.8 news
  millrace reindex corpus --set dedupe.threshold=0.6 --dedupe --reason "stricter from 2027 on"`,
		Args: wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.upkeepOptions(cmd.Context(), args[0], work)
			if err != nil {
				return err
			}
			r, err := shown(cmd.Context(), a, &o, reindex.Name, func(e engine.Options) (reindex.Result, error) { return reindex.Run(cmd.Context(), e, p) })
			if err != nil {
				return err
			}
			return a.printReindex(&r)
		},
	}
	addReindexFlags(cmd.Flags(), &p)
	addWork(cmd, &work)
	return cmd
}

// addReindexFlags adds the flags of reindex and of start --job reindex.
func addReindexFlags(f *pflag.FlagSet, p *reindex.Params) {
	f.BoolVar(&p.Dedupe, "dedupe", false, "withdraw documents that equal or resemble an earlier one by the settings of dedupe")
	if f.Lookup("reason") == nil {
		f.StringVar(&p.Reason, "reason", "", "`TEXT` that the ledger has beside each document that goes")
	}
}

func (a *app) printReindex(r *reindex.Result) error {
	return a.tell(r, func(w io.Writer) error { return output.Reindexed(w, r) })
}

// reindexOptions are those of the kind of job.
func reindexOptions(c config.Config) reindex.Options {
	settings, err := c.Settings()
	if err != nil {
		panic(err) // programmer error: a config has settings
	}
	of := ingest.Options{Options: intake.Options{Settings: settings}, Effective: config.Effective}
	shortened := reindex.NewShortenedCache()
	cut := &rewrite.Cut{Tables: tables(), Options: tableOptions(c.Sinks), Of: rewrite.WorkOf(shortened), Count: corpus.FillCopies}
	return reindex.Options{
		Corpus: inCorpus(), Settings: settings, Changed: of.Changed, Fixed: config.Fixed(),
		KeysOfDocument: c.Dedupe.KeysOfDocument(), TableGrowth: c.Vocab.Growth,
		SameKeys: func(stored json.RawMessage) (bool, error) {
			was, err := dedupeOf(stored)
			return c.Dedupe.SameKeys(was), err
		},
		Shortened: shortened,
		Stages: reindex.Stages{
			Sign:    dedupe.ResignStage(c.Dedupe, reindex.Of, tables()),
			Match:   dedupe.RematchStage(c.Dedupe, reindex.Of),
			Read:    dedupe.RereadStage(c.Dedupe, reindex.Of, tables()),
			Judge:   dedupe.RejudgeStage(c.Dedupe, reindex.Of),
			Find:    dedupe.ResembleStage(reindex.Of, tables()),
			Cut:     cut.Spec("shrink"),
			Uncount: vocab.UncountStage("discount", uncounted(shortened, tables()), reindex.Counting),
			Recount: vocab.RecountStage(c.Vocab, "relist", reindex.BaseVocab, reindex.Counting),
			Index:   dedupe.ReindexStage(reindex.Of),
		},
	}
}

// dedupeOf are the settings of dedupe among stored ones.
func dedupeOf(stored json.RawMessage) (c dedupe.Config, err error) {
	all, err := config.Effective(stored)
	if err != nil {
		return c, fmt.Errorf("decode stored settings: %w", err)
	}
	data, err := json.Marshal(all["dedupe"])
	if err != nil {
		return c, fmt.Errorf("encode settings: %w", err)
	}
	return c, json.Unmarshal(data, &c)
}

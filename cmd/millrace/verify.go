package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/verify"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/monitor"
	"github.com/millrace/millrace/stages/dedupe"
	"github.com/millrace/millrace/stages/vocab"
)

func newVerify(a *app) *cobra.Command {
	purged, recount, work := false, false, ""
	cmd := &cobra.Command{
		Use:   "verify OUT",
		Short: "Recompute every digest and total of a corpus",
		Long: `Reads every live file of the corpus in OUT and recomputes what the manifests say: bytes, rows and SHA-256 of every
file, the run digests, every total, the uniqueness of ids and the existence of every winner. A single flipped byte, a
missing file or a sum that does not add up is exit 1. With --recount the texts of all live documents are read as well, and the
newest tables of characters, and of words and n-grams where these are counted, must count what they have. With --purged so is anything that may be left of documents which were
withdrawn: a file that the newest version does not need, an excerpt, a key, unfinished work in OUT or in DIR.`,
		Example: "  millrace verify corpus\n  millrace verify corpus --recount\n  millrace verify corpus --purged",
		Args:    wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o := verify.Options{}
			if purged {
				o.Purged = &verify.Purged{Index: dedupe.Remembered, Compared: dedupe.ComparedOf}
			}
			if recount {
				c, err := a.load()
				if err != nil {
					return err
				}
				o.Recount, o.Table = recounted, tabler(c.Vocab.Least)
			}
			return a.withCorpus(cmd.Context(), args[0], func(c *corpus.Corpus) error {
				if purged {
					run, err := a.upkeepOptions(cmd.Context(), args[0], work)
					if err != nil {
						return err
					}
					if o.Purged.Work, err = engine.WorkLeft(cmd.Context(), run.Engine(), c.Store()); err != nil {
						return err
					}
				}
				report, err := metered(cmd.Context(), a, "verify", func(m *monitor.Meter) (*verify.Report, error) {
					o.Progress = m.Set
					return verify.Corpus(cmd.Context(), c, o)
				})
				if report == nil || err != nil && !errors.Is(err, corpus.ErrDamaged) && !errors.Is(err, verify.ErrNotPurged) {
					return err
				}
				if n := len(report.NotPurged); n > 0 {
					err = pipeline.WithHint(fmt.Errorf("%w: %s", verify.ErrNotPurged, pipeline.Counted(n, "trace")),
						"millrace purge "+args[0]+" takes out what is left; what is no file of the corpus has to be removed by hand")
				}
				if n := len(report.Problems); n > 0 { // each is named by the report
					err = pipeline.WithHint(fmt.Errorf("%w: %s", corpus.ErrDamaged, pipeline.Counted(n, "problem")), report.WayOut)
				}
				return errors.Join(a.tell(report, func(w io.Writer) error { return output.Verified(w, report) }), err)
			})
		},
	}
	addWork(cmd, &work)
	cmd.Flags().BoolVar(&purged, "purged", false, "find also what may be left of withdrawn documents: see millrace purge")
	cmd.Flags().BoolVar(&recount, "recount", false, "count the characters of all live documents again, and words and n-grams where these are counted")
	return cmd
}

// recounted has the vocabulary counted again.
func recounted(ctx context.Context, s pipeline.Store, kind, table string) (list []verify.Counter, err error) {
	checks, err := vocab.Checks(ctx, s, kind, table)
	for _, c := range checks {
		list = append(list, c)
	}
	return list, err
}

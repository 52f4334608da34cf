package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"millrace/cmd/millrace/output"
	"millrace/pipeline"
	"millrace/pipeline/corpus"
	"millrace/pipeline/corpus/verify"
)

func newVerify(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "verify OUT",
		Short: "Recompute every digest and total of a corpus",
		Long: `Reads every live file of the corpus in OUT and recomputes what the manifests say: bytes, rows and SHA-256 of every
file, the run digests, every total, the uniqueness of ids and the existence of every winner. A single flipped byte, a
missing file or a sum that does not add up is exit 1.`,
		Args: wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withCorpus(cmd.Context(), args[0], func(c *corpus.Corpus) error {
				report, err := verify.Corpus(cmd.Context(), c, verify.Options{})
				if err != nil && !errors.Is(err, corpus.ErrDamaged) {
					return err
				}
				if n := len(report.Problems); n > 0 { // each is named by the report
					err = pipeline.WithHint(fmt.Errorf("%w: %s", corpus.ErrDamaged, pipeline.Counted(n, "problem")), report.WayOut)
				}
				return errors.Join(a.tell(report, func(w io.Writer) error { return output.Verified(w, report) }), err)
			})
		},
	}
}

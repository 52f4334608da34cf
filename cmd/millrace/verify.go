package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

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
				return errors.Join(a.tell(report, func(w io.Writer) error { return printReport(w, report) }), err)
			})
		},
	}
}

func printReport(w io.Writer, r *verify.Report) error {
	p := &printer{w: w}
	for _, v := range r.Versions {
		p.printf("version %06d  %s in %s  digest %s\n", v.Version, pipeline.Counted(v.Documents, "document"), pipeline.Counted(v.Files, "file"), v.Digest)
	}
	p.printf("read %s, %s\n", pipeline.Counted(r.Files, "file"), size(r.Bytes))
	if r.LostWinners > 0 {
		p.printf("%s had a winner in a version that is not live any more\n", pipeline.Counted(r.LostWinners, "duplicate"))
	}
	for _, f := range r.Unexpected {
		p.printf("unexpected: %s\n", f)
	}
	for _, problem := range r.Problems {
		p.printf("damaged: %s\n", problem)
	}
	if len(r.Problems) == 0 {
		p.printf("sound\n")
	}
	return p.err
}

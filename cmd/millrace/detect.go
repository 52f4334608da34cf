package main

import (
	"context"

	"github.com/spf13/cobra"

	"millrace/cmd/millrace/output"
	"millrace/pipeline/intake"
	"millrace/pipeline/jobs/ingest"
)

func newDetect(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "detect PATH...",
		Short: "Say what each file would be read as, and why",
		Long: `Looks at every file named, and at all files below the folders named, and prints what a run would read it as, by what
that was told, and the beginning of its first document. Nothing is written.`,
		Example: "  millrace detect data/news\n  millrace detect --config configs/laptop.yaml odd-file.txt",
		Args:    wantArgs(1, -1, "PATH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			o, err := engineOptions(c)
			if err != nil {
				return err
			}
			if o.Log, err = a.logger(); err != nil {
				return err
			}
			o.Paths = args
			return a.detect(cmd.Context(), o)
		},
	}
}

func (a *app) detect(ctx context.Context, o ingest.Options) error {
	if a.json {
		files := []intake.Detected{}
		err := intake.Detect(ctx, o.Options, func(d intake.Detected) error {
			files = append(files, d)
			return nil
		})
		if err != nil {
			return err
		}
		return output.JSON(a.out, map[string]any{"files": files})
	}
	p := output.NewPrinter(a.out)
	return intake.Detect(ctx, o.Options, func(d intake.Detected) error {
		output.Detected(p, &d)
		return p.Err()
	})
}

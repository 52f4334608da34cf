package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
)

// detectOptions are the flags of detect.
type detectOptions struct {
	show  bool
	pages int
}

func newDetect(a *app) *cobra.Command {
	flags := &detectOptions{}
	cmd := &cobra.Command{
		Use:   "detect PATH...",
		Short: "Say what each file would be read as, and why",
		Long: `Looks at every file named, and at all files below the folders named, and prints what a run would read it as, by what
that was told, and the beginning of its first document. Nothing is written.

With --show it prints of web pages, those in web archives and containers too, which lines are taken (+), and which are left and why (-),
with what the page says of itself.`,
		Example: "  millrace detect data/news\n  millrace detect --config configs/laptop.yaml odd-file.txt\n  millrace detect --show page.html crawl.warc.gz",
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
			if flags.pages < 1 {
				return usageError("", "--pages %d is less than 1", flags.pages)
			}
			if flags.show {
				o.ShowPages = flags.pages
			}
			return a.detect(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&flags.show, "show", false, "show what is taken of web pages, and what is left")
	f.IntVar(&flags.pages, "pages", 3, "how many pages of each file are shown, the first of them")
	return cmd
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
		output.Detected(p, &d, a.outColumns)
		return p.Err()
	})
}

package main

import (
	"context"
	"path"
	"strings"

	"github.com/spf13/cobra"

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
		return writeJSON(a.out, map[string]any{"files": files})
	}
	p := &printer{w: a.out}
	return intake.Detect(ctx, o.Options, func(d intake.Detected) error {
		printDetected(p, &d)
		return p.err
	})
}

func printDetected(p *printer, d *intake.Detected) {
	p.printf("%s  %s\n", path.Join(d.Source, d.Path), size(d.Bytes))
	if d.Format != "" {
		p.printf("  %s\n", kindText(d.Format, d.Encoding, d.Compression, d.Document))
	}
	if d.Why != "" {
		p.printf("  because %s\n", d.Why)
	}
	if d.Reject != "" {
		p.printf("  not readable: %s\n", d.Reject)
		if d.Detail != "" {
			p.printf("    %s\n", d.Detail)
		}
	}
	if line, _, _ := strings.Cut(d.First, "\n"); line != "" {
		p.printf("  %s\n", line)
	}
}

// kindText is a format, encoding, compression and document rule in words.
func kindText(format, encoding, compression, document string) string {
	if encoding != "" {
		format += ", " + encoding
	}
	if compression != "" {
		format += ", " + compression
	}
	return format + ", a document a " + strings.ReplaceAll(document, "_", " ")
}

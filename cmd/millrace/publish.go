package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"millrace/cmd/millrace/config"
	"millrace/pipeline"
	"millrace/pipeline/cluster"
)

// errRefused ends a publish that could not take every file.
var errRefused = errors.New("the other files are published, but some were refused")

func newPublish(a *app) *cobra.Command {
	var f memberFlags
	var o publishOptions
	cmd := &cobra.Command{
		Use:   "publish [flags] PATH...",
		Short: "Put files on the queue of the next run",
		Long: `Puts references of files on the queue: the next run of millrace serve takes them. PATH is a file or a folder, or an
s3:// URL, below a source of the config that has a path. Links that leave the source, and what is no file, are refused here
already. What a run has taken before it does not take again until it changes, so publishing twice does no harm.

With --upload the files are copied into the place of the source --source first, under their paths relative to PATH. Each of
them appears there whole or not at all, and one that is there already, with the same bytes, stays.

Exit status 4 says that some files were refused and all others published.`,
		Example: "  millrace publish --config configs/cluster.yaml /data/news/2026/11/23\n  millrace publish --config configs/cluster.yaml --upload --source news ~/tonight",
		Args:    wantArgs(1, -1, "PATH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case o.upload && o.source == "":
				return usageError("name one of the config's sources by --source", "--upload has no place to copy to")
			case !o.upload && o.source != "":
				return usageError("without --upload a file's path says which source it is of", "--source is for --upload only")
			}
			ctx := cmd.Context()
			return a.asClient(ctx, &f, func(c config.Config, client *cluster.Client) error {
				p, err := newPublisher(c, o, client)
				if err != nil {
					return err
				}
				err = p.run(ctx, args)
				if err = errors.Join(err, p.close()); err != nil {
					return err
				}
				return a.printPublished(p)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&o.upload, "upload", false, "copy the files into the source first")
	cmd.Flags().StringVar(&o.source, "source", "", "`NAME` of the source that --upload copies into")
	cmd.Flags().BoolVar(&o.digest, "digest", false, "read every file and publish its SHA-256 too: a run rejects it if it has another content then")
	return cmd
}

// refusal is a file that was not published.
type refusal struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

var refusalText = map[string]string{
	pipeline.ReasonOutside:    "it lies, or a link leads, outside of the source",
	pipeline.ReasonLink:       "a link to a folder is not followed",
	pipeline.ReasonSpecial:    "it is no regular file",
	pipeline.ReasonMissing:    "it is not there",
	pipeline.ReasonUnreadable: "it cannot be read, or its name is not UTF-8",
	pipeline.ReasonChanged:    "it changes while it is read",
}

// maxRefusedShown bounds what is printed for people.
const maxRefusedShown = 20

func (a *app) printPublished(p *publisher) error {
	if a.json {
		err := writeJSON(a.out, map[string]any{
			"published": p.published, "bytes": p.bytes, "uploaded": p.uploaded, "by_source": p.bySource, "refused": p.refused,
		})
		if err != nil {
			return err
		}
	} else {
		w := &printer{w: a.out}
		w.printf("published %s, %s", pipeline.Counted(p.published, "file"), size(p.bytes))
		if p.options.upload {
			switch p.uploaded {
			case 0:
				w.printf("; the same bytes were in source %s already", p.options.source)
			case p.published:
				w.printf("; copied into source %s", p.options.source)
			default:
				w.printf("; %s copied into source %s, which had the others already", number(p.uploaded), p.options.source)
			}
		}
		w.printf("\n")
		for i, r := range p.refused {
			if i == maxRefusedShown {
				w.printf("refused %s more; --json names all\n", number(len(p.refused)-i))
				break
			}
			w.printf("refused %s: %s\n", r.Path, refusalText[r.Reason])
		}
		if w.err != nil {
			return w.err
		}
	}
	if n := len(p.refused); n > 0 {
		return fmt.Errorf("%w: %s", errRefused, pipeline.Counted(n, "file"))
	}
	return nil
}

// publishWindow is how many references are published at once.
const publishWindow = 1000

func (p *publisher) flush(ctx context.Context) error {
	if len(p.pending) == 0 {
		return nil
	}
	if err := p.publish(ctx, p.pending...); err != nil {
		return err
	}
	p.published += int64(len(p.pending))
	for _, ref := range p.pending {
		p.bytes += ref.Bytes
		p.bySource[ref.Source]++
	}
	p.pending = p.pending[:0]
	return nil
}

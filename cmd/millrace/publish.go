package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/cluster/publish"
)

// errRefused ends a publish that could not take every file.
var errRefused = errors.New("the other files are published, but some were refused")

func newPublish(a *app) *cobra.Command {
	var f memberFlags
	var upload, digest bool
	var sources []string
	cmd := &cobra.Command{
		Use:   "publish [flags] PATH...",
		Short: "Put files on the queue of the next run",
		Long: `Puts references of files on the queue: the next run of millrace serve takes them. PATH is a file or a folder, or an
s3:// URL, below a source that --source NAME=PATH or the config gives a path, or, on its machine, millrace serve has; without a
PATH all of the sources that --source names is meant. Links that leave the source, and what is no file, are refused here
already. What a run has taken before it does not take again until it changes, so publishing twice does no harm.

With --upload --source NAME the files are copied into the place of that source first, under their paths relative to PATH. Each of
them appears there whole or not at all, and one that is there already, with the same bytes, stays.

Exit status 4 says that some files were refused and all others published.`,
		Example: "  millrace publish --config configs/cluster.yaml /data/news/2026/11/23\n  millrace publish --config configs/cluster.yaml --upload --source news ~/tonight",
		Args:    wantArgs(0, -1, "PATH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			asked, err := publish.Ask(sources, args, upload)
			if err != nil {
				return err
			}
			f.sources = asked.Sources
			ctx := cmd.Context()
			return a.asClient(ctx, &f, func(c config.Config, client *cluster.Client) error {
				roots, err := knownRoots(c)
				if err != nil {
					return err
				}
				p, err := publish.New(publish.Options{Roots: roots, Out: c.Out, Access: access(c), Digest: digest, Put: client.Publish})
				if err != nil {
					return err
				}
				if upload {
					err = p.Upload(ctx, asked.Into, asked.Paths...)
				} else {
					err = p.Publish(ctx, asked.Paths...)
				}
				if err = errors.Join(err, p.Close()); err != nil {
					return err
				}
				r := p.Result()
				return a.printPublished(&r, asked.Into)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&upload, "upload", false, "copy the files into the source first")
	cmd.Flags().StringArrayVar(&sources, "source", nil, "`NAME=PATH`: where a source lies on this host, in place of its path in the config; or the NAME that --upload copies into")
	cmd.Flags().BoolVar(&digest, "digest", false, "read every file and publish its SHA-256 too: a run rejects it if it has another content then")
	return cmd
}

// printPublished prints what was published, and copied into the source, if there is one.
func (a *app) printPublished(r *publish.Result, source string) error {
	err := a.tell(map[string]any{
		"published": r.Published, "bytes": r.Bytes, "uploaded": r.Uploaded, "by_source": r.BySource, "refused": r.Refused,
	}, func(w io.Writer) error { return output.Published(w, r, source) })
	if err != nil {
		return err
	}
	if n := len(r.Refused); n > 0 {
		return fmt.Errorf("%w: %s", errRefused, pipeline.Counted(n, "file"))
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/jobs/release"
)

func newReleaseExplain(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "explain DIR ID",
		Short: "Say where a document is in a release, or why it is not there",
		Long: `Says what became of a document in the release in DIR: its split, how often it is there, and in which shards its tokens are, from which to which;
or the reason why it was left out, with the figure. millrace explain DIR ID does the same.`,
		Example: "  millrace release explain release 0f3a5c9d6e1b47a28c0d5e6f7a8b9c0d",
		Args:    wantArgs(2, 2, "DIR or ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.explainReleased(cmd.Context(), args[0], args[1])
		},
	}
}

func (a *app) explainReleased(ctx context.Context, at, id string) error {
	c, err := a.load()
	if err != nil {
		return err
	}
	e, err := release.Explain(ctx, at, id, access(c))
	if errors.Is(err, release.ErrNotFound) {
		return pipeline.WithHint(err, "millrace explain OUT ID says what the corpus knows of it")
	}
	if err != nil {
		return pipeline.WithHint(err, "name the folder of a release, and the id of a document: 32 hexadecimal digits, or the first 6 or more of them")
	}
	return a.tell(e, func(w io.Writer) error { return output.ReleaseExplained(w, e) })
}

// holdsRelease says whether a place that may be a corpus, too, is a release.
func (a *app) holdsRelease(ctx context.Context, at string) (bool, error) {
	c, err := a.load()
	if err != nil {
		return false, err
	}
	return release.Is(ctx, at, access(c)), nil
}

func (a *app) diffReleases(ctx context.Context, one, two string, examples int) error {
	c, err := a.load()
	if err != nil {
		return err
	}
	d, err := release.Diff(ctx, one, two, access(c), examples)
	if err != nil {
		return pipeline.WithHint(err, "a release is compared with another one")
	}
	return a.tell(d, func(w io.Writer) error { return output.ReleasesDiffer(w, d) })
}

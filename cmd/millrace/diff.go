package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
)

func newDiff(a *app) *cobra.Command {
	o := show.DiffOptions{}
	cmd := &cobra.Command{
		Use:   "diff OUT A B | diff OUT[@A] OUT2[@B]",
		Short: "Compare two versions of a corpus, or two corpora",
		Long: `Compares the corpus in OUT as it was at version A with what it was at version B, or two corpora, each at a version or as
they are now: which documents and files were added, removed or changed, the duplicates, the characters, words and runs of
characters that are new or moved most, and what was left out for which reason. A document is the same if its source, path and offset are. Files of data that
both sides have are not read. Two releases are compared likewise: what their recipes say otherwise, and which documents are in another split, there more
often or less often, or left out for another reason.`,
		Example: "  millrace diff corpus 3 4\n  millrace diff corpus@3 other-corpus\n  millrace diff release-16 release-17",
		Args:    wantArgs(2, 3, "A and B, or OUT2,"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.Examples < 0 || o.Movers < 0 {
				return usageError("", "--examples %d or --movers %d is negative", o.Examples, o.Movers)
			}
			if len(args) == 2 {
				if of, err := a.holdsRelease(cmd.Context(), args[0]); err != nil {
					return err
				} else if of {
					return a.diffReleases(cmd.Context(), args[0], args[1], o.Examples)
				}
			}
			left, right, err := diffSides(args)
			if err != nil {
				return err
			}
			return a.diff(cmd.Context(), left, right, o)
		},
	}
	a.completesVersions(cmd, 1, 2)
	f := cmd.Flags()
	f.IntVar(&o.Examples, "examples", 5, "how many documents and files are listed of each kind")
	f.IntVar(&o.Movers, "movers", 10, "how many characters, words and runs of characters are listed of each kind")
	return cmd
}

// diffSide is a corpus at a version, 0 for the newest.
type diffSide struct {
	out     string
	version int
}

func diffSides(args []string) (a, b diffSide, err error) {
	if len(args) == 2 {
		if n, err := strconv.Atoi(args[1]); err == nil && n > 0 && !there(args[1]) {
			return a, b, usageError(fmt.Sprintf("two versions are millrace diff %s 1 %d; one beside the corpus as it is millrace diff %s@%d %s", args[0], n, args[0], n, args[0]),
				"%s is the number of a version, and there has to be another one", args[1])
		}
		return sideOf(args[0]), sideOf(args[1]), nil
	}
	for i, side := range []*diffSide{&a, &b} {
		n, err := strconv.Atoi(args[1+i])
		if err != nil || n <= 0 {
			return a, b, usageError("millrace log OUT lists the versions", "%q is not the number of a version", args[1+i])
		}
		*side = diffSide{args[0], n}
	}
	return a, b, nil
}

// sideOf takes OUT@VERSION apart; a folder may be called so as well.
func sideOf(arg string) diffSide {
	if at := strings.LastIndexByte(arg, '@'); at >= 0 {
		if n, err := strconv.Atoi(arg[at+1:]); err == nil && n > 0 {
			if !there(arg) {
				return diffSide{arg[:at], n}
			}
		}
	}
	return diffSide{arg, 0}
}

func (a *app) diff(ctx context.Context, left, right diffSide, o show.DiffOptions) error {
	settings, err := a.load()
	if err != nil {
		return err
	}
	return a.withCorpus(ctx, left.out, func(c *corpus.Corpus) error {
		return a.withCorpus(ctx, right.out, func(other *corpus.Corpus) error {
			d, err := show.Of(c).Tabling(tabler(settings.Vocab.Least)).Diff(ctx, left.version, other, right.version, o)
			if err != nil {
				return err
			}
			return a.tell(d, d.WriteText)
		})
	})
}

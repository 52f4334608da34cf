package main

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"millrace/cmd/millrace/config"
	"millrace/cmd/millrace/output"
	"millrace/pipeline"
	"millrace/pipeline/jobs/release"
	"millrace/pipeline/jobs/release/recipe"
	"millrace/pipeline/store"
)

// releaseFlags are those of release and of start --job release.
type releaseFlags struct{ recipe, corpus, out string }

func newRelease(a *app) *cobra.Command {
	var flags releaseFlags
	var work string
	var workers int
	var dry bool
	cmd := &cobra.Command{
		Use:   "release --recipe FILE --out DIR",
		Short: "Make what a trainer reads of a corpus, by a recipe",
		Long: `Makes a release of a corpus by a recipe: which documents, how often each, held back or to train on, in an order, as tokens or as texts, in one or
several formats. The folder DIR then has the files, a manifest, and where every document of the corpus has come to: released/ and left_out/.
The corpus stays as it is, and is kept from other jobs meanwhile. A release is a function of a version of the corpus and the recipe alone: made
again it has the same digest. One that was interrupted is gone on with by the same command. DIR must be new or empty, or hold this very
release. With --dry-run the documents are counted and nothing is made.`,
		Example: `  millrace release --recipe release.yaml --corpus corpus --out release
  millrace release --recipe release.yaml --corpus corpus@17 --out release --dry-run
  millrace release verify release`,
		Args: wantArgs(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.out == "" && !dry {
				return usageError("name a folder for it: --out DIR", "--out is missing")
			}
			p, corpus, err := flags.read()
			if err != nil {
				return err
			}
			p.Dry = dry
			o, err := a.upkeepOptions(cmd.Context(), corpus, work)
			if err != nil {
				return err
			}
			if workers > 0 {
				o.Slots = workers
			}
			r, err := release.Run(cmd.Context(), o.Engine(), *p)
			if err != nil {
				return err
			}
			return a.printReleased(&r)
		},
	}
	f := cmd.Flags()
	flags.add(f)
	f.BoolVar(&dry, "dry-run", false, "say what would be in it")
	f.IntVar(&workers, "workers", 0, "tasks that are done at the same time (default: those of the config)")
	addWork(cmd, &work)
	cmd.AddCommand(newReleaseVerify(a), newReleaseInspect(a))
	return cmd
}

func (r *releaseFlags) add(f *pflag.FlagSet) {
	f.StringVar(&r.recipe, "recipe", "", "the recipe is `FILE`")
	f.StringVar(&r.corpus, "corpus", "", "the corpus is `OUT[@VERSION]`, whatever the recipe says")
	if f.Lookup("out") == nil {
		f.StringVar(&r.out, "out", "", "the folder `DIR` is made")
	}
}

// read reads the recipe, and says where the corpus is.
func (r *releaseFlags) read() (p *release.Params, corpus string, err error) {
	if r.recipe == "" {
		return nil, "", usageError("name one: --recipe FILE; configs/release.yaml has every key", "--recipe is missing")
	}
	data, err := os.ReadFile(r.recipe)
	if err != nil {
		return nil, "", usageError("name a recipe that can be read", "%w", err)
	}
	of, err := recipe.Read(data, r.recipe)
	if err != nil {
		return nil, "", usageError("configs/release.yaml has every key", "%w", err)
	}
	base, err := filepath.Abs(filepath.Dir(r.recipe))
	if err != nil {
		return nil, "", err
	}
	corpus = recipe.Resolve(r.recipe, of.Corpus)
	if r.corpus != "" {
		if corpus, of.Version, err = recipe.ParseCorpus(r.corpus); err != nil {
			return nil, "", usageError("name a corpus: --corpus OUT[@VERSION]", "--corpus: %w", err)
		}
	}
	if of.Corpus == "" && r.corpus == "" {
		return nil, "", usageError("name one: --corpus OUT[@VERSION], or corpus: OUT in the recipe", "no corpus is named")
	}
	p = &release.Params{Recipe: *of, Base: base}
	if r.out != "" {
		p.Out, err = store.Absolute(r.out)
	}
	return p, corpus, err
}

func (a *app) printReleased(r *release.Result) error {
	return a.tell(r, func(w io.Writer) error { return output.Released(w, r) })
}

// releaseOptions are those of the kind of job.
func releaseOptions(c config.Config) release.Options {
	return release.Options{Corpus: inCorpus(), Presets: presets(), Documents: documentTables(), Tokens: tokenSinks(), Access: access(c)}
}

func newReleaseVerify(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "verify DIR",
		Short: "Check a release: every file, and that every document of the corpus is there once",
		Args:  wantArgs(1, 1, "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := a.verifyRelease(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := a.tell(r, func(w io.Writer) error { return output.ReleaseVerified(w, r) }); err != nil {
				return err
			}
			return r.Err()
		},
	}
}

func (a *app) verifyRelease(ctx context.Context, at string) (*release.Verified, error) {
	c, err := a.load()
	if err != nil {
		return nil, err
	}
	return release.Verify(ctx, at, access(c))
}

func newReleaseInspect(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "inspect DIR",
		Short: "Say what a release has, and what it was made of",
		Args:  wantArgs(1, 1, "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			r, err := release.Inspect(cmd.Context(), args[0], access(c))
			if err != nil {
				return pipeline.WithHint(err, "name the folder of a release")
			}
			return a.printReleased(r)
		},
	}
}

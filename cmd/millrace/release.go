package main

import (
	"context"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/release"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/store"
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
			r, err := shown(cmd.Context(), a, &o, release.Name, func(e engine.Options) (release.Result, error) { return release.Run(cmd.Context(), e, *p) })
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
	cmd.AddCommand(newReleaseVerify(a), newReleaseInspect(a), newReleaseExplain(a))
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
	p, corpus, err = paramsOf(r.recipe, r.out)
	if err != nil {
		return nil, "", err
	}
	if r.corpus != "" {
		if corpus, p.Recipe.Version, err = recipe.ParseCorpus(r.corpus); err != nil {
			return nil, "", usageError("name a corpus: --corpus OUT[@VERSION]", "--corpus: %w", err)
		}
	}
	if corpus == "" {
		return nil, "", usageError("name one: --corpus OUT[@VERSION], or corpus: OUT in the recipe", "no corpus is named")
	}
	return p, corpus, nil
}

// paramsOf reads the recipe in a file, for a release in out, and says where the corpus is that it names, "" if it names none.
func paramsOf(file, out string) (p *release.Params, corpus string, err error) {
	if file == "" {
		return nil, "", usageError("name one: --recipe FILE; configs/release.yaml has every key", "--recipe is missing")
	}
	of, err := readRecipe(file)
	if err != nil {
		return nil, "", err
	}
	p = &release.Params{Recipe: *of}
	if p.Base, err = filepath.Abs(filepath.Dir(file)); err != nil {
		return nil, "", err
	}
	if out != "" {
		if p.Out, err = store.Absolute(out); err != nil {
			return nil, "", err
		}
	}
	return p, recipe.Resolve(file, of.Corpus), nil
}

// startedRelease are the flags of start --job release. The corpus is the coordinator's.
type startedRelease struct {
	recipe, out string
	version     int
}

func (r *startedRelease) add(f *pflag.FlagSet) {
	f.StringVar(&r.recipe, "recipe", "", "the recipe of a release is `FILE`, of this machine")
	f.StringVar(&r.out, "release-out", "", "`DIR` that a release makes")
	f.IntVar(&r.version, "corpus-version", 0, "a release is made of version `N` of the corpus, whatever the recipe says (default: the recipe's, or the newest)")
}

// params are what is asked of the coordinator of the corpus in out, an absolute path or a URL.
func (r *startedRelease) params(out string) (*release.Params, error) {
	if r.out == "" {
		return nil, usageError("name a folder for the release", "--release-out is missing")
	}
	if r.version < 0 {
		return nil, usageError("millrace log OUT lists the versions", "--corpus-version %d is negative", r.version)
	}
	p, corpus, err := paramsOf(r.recipe, r.out)
	if err != nil {
		return nil, err
	}
	if corpus != "" {
		if corpus, err = store.Absolute(corpus); err != nil {
			return nil, err
		}
		if corpus != out {
			return nil, usageError("a release is made of the corpus that the coordinator has: name that one in the recipe, or none",
				"recipe %s names the corpus %s, and the coordinator's is %s", r.recipe, corpus, out)
		}
	}
	if r.version > 0 {
		p.Recipe.Version = r.version
	}
	return p, nil
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
		Use:     "verify DIR",
		Short:   "Check a release: every file, and that every document of the corpus is there once",
		Example: "  millrace release verify release",
		Args:    wantArgs(1, 1, "DIR"),
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
		Use:     "inspect DIR",
		Short:   "Say what a release has, and what it was made of",
		Example: "  millrace release inspect release",
		Args:    wantArgs(1, 1, "DIR"),
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

package main

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
	jobs "github.com/millrace/millrace/pipeline/jobs/ingest"
)

// explainOptions are the flags of explain.
type explainOptions struct {
	show  bool
	from  []string
	limit int
}

func newExplain(a *app) *cobra.Command {
	o := &explainOptions{}
	cmd := &cobra.Command{
		Use:   "explain OUT ID|PATH",
		Short: "Say what became of a document or a file",
		Long: `Tells the fate of one document, named by its id, in every version of the corpus in OUT: kept, and where it lies; a
duplicate, of which document in which version, and how alike they are; rejected or filtered, and why. Of an id the first 6 or more
digits do, where no other one begins with them. A file is named by source/path, by the path in its source, by any path that
ends in source/path, or by the end of its path, such as its name, where no other one ends so; its first documents are listed with it.
OUT may be a release, too: then millrace release explain OUT ID is meant.

With --show the texts stand side by side, and where they differ is told. The corpus does not hold the text of a duplicate: --from names the paths that
millrace run was given, and the document is read from there once more, with the settings of --config.`,
		Example: "  millrace explain corpus 0f3a5c9d6e1b47a28c0d5e6f7a8b9c0d --show --from ~/news\n  millrace explain corpus news/2024/05/01.jsonl",
		Args:    wantArgs(2, 2, "OUT or ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.limit < 0 {
				return usageError("", "--limit %d is negative", o.limit)
			}
			if of, err := a.holdsRelease(cmd.Context(), args[0]); err != nil {
				return err
			} else if of {
				return a.explainReleased(cmd.Context(), args[0], args[1])
			}
			return a.withCorpus(cmd.Context(), args[0], func(c *corpus.Corpus) error { return a.explain(cmd.Context(), c, args[1], o) })
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.show, "show", false, "show the texts")
	f.StringArrayVar(&o.from, "from", nil, "`PATH` that millrace run was given, where the texts of duplicates are read; may be repeated")
	f.IntVar(&o.limit, "limit", 20, "how many documents of a file are listed, and how many that lost to one, of each version")
	return cmd
}

func (a *app) explain(ctx context.Context, c *corpus.Corpus, query string, o *explainOptions) error {
	options := show.ExplainOptions{Texts: o.show, Documents: o.limit}
	if o.show && len(o.from) > 0 {
		var err error
		if options.Reread, err = fromSource(ctx, a, c, o.from, intake.Reread); err != nil {
			return err
		}
	}
	e, err := show.Of(c).Explain(ctx, query, options)
	if errors.Is(err, show.ErrNotFound) {
		return pipeline.WithHint(err, "an id has 32 hexadecimal digits, of which the first 6 may do; a file is named source/path, as millrace inspect shows it, or by the end of that")
	}
	if err != nil {
		return err
	}
	if a.json {
		return output.JSON(a.out, e)
	}
	if err := e.WriteText(a.out, a.outColumns); err != nil {
		return err
	}
	if o.show && len(o.from) == 0 && slices.ContainsFunc(e.Documents, func(d show.DocumentFate) bool {
		return d.Text != nil && d.Text.Why != ""
	}) {
		err = a.aside(asideHint, "%s", "--from PATH, with what millrace run was given, reads the text of a duplicate from its source")
	}
	return err
}

// fromSource reads something of a document from its source below the paths, as a run with these settings would.
func fromSource[T any](ctx context.Context, a *app, c *corpus.Corpus, paths []string,
	read func(ctx context.Context, o intake.Options, source string, file ingest.File, offset int64) (T, error),
) (func(context.Context, show.SourceFile, int64) (T, error), error) {
	options, check, err := a.sourcesOf(ctx, c, paths)
	return func(ctx context.Context, f show.SourceFile, offset int64) (none T, err error) {
		if err := check(f.Version); err != nil {
			return none, err
		}
		return read(ctx, options.Options, f.Source, plannedAs(f), offset)
	}, err
}

// sourcesOf are the options to read again what lies below the paths; check warns of a version that was made with others.
func (a *app) sourcesOf(ctx context.Context, c *corpus.Corpus, paths []string) (options jobs.Options, check func(version int) error, err error) {
	config, err := a.load()
	if err != nil {
		return options, nil, err
	}
	if options, err = engineOptions(config); err != nil {
		return options, nil, err
	}
	options.Paths = paths
	if options.Held, err = jobs.Held(ctx, c); err != nil {
		return options, nil, err
	}
	versions, err := c.Versions(ctx)
	if err != nil {
		return options, nil, err
	}
	settings := map[int][]byte{}
	for _, m := range versions {
		settings[m.Version] = m.Settings
	}
	return options, func(version int) error {
		if s := settings[version]; !bytes.Equal(s, options.Settings) {
			changed, err := options.Changed(s)
			if err == nil && len(changed) > 0 {
				err = a.aside(asideWarning, "version %d was made with other settings: %v", version, changed)
			}
			return err
		}
		return nil
	}, nil
}

// plannedAs is what the plan of a run said of a file.
func plannedAs(f show.SourceFile) ingest.File {
	return ingest.File{
		Path: f.Path, Bytes: f.Bytes, Format: f.Format, Document: f.Document, Compression: f.Compression, Found: ingest.Found{ModTime: f.ModTime},
	}
}

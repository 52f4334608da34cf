package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/jobs/remove"
	"github.com/millrace/millrace/pipeline/rewrite"
	"github.com/millrace/millrace/stages/dedupe"
	"github.com/millrace/millrace/stages/normalize"
	"github.com/millrace/millrace/stages/vocab"
)

// removeFlags say which documents are to go.
type removeFlags struct{ ids, like string }

func (f *removeFlags) add(flags *pflag.FlagSet, p *remove.Params) {
	flags.StringVar(&f.ids, "ids", "", "remove the documents whose ids stand in `FILE`, one a line; - reads them from the standard input")
	flags.StringVar(&p.Path, "path", "", "remove the documents of the files that `GLOB` names: of paths in a source, or of source/path")
	flags.StringVar(&p.Where, "where", "", "remove the documents of which `EXPR` is true: over id, source, path, offset, chars, bytes, version, metadata")
	flags.StringVar(&f.like, "like", "", "remove the documents that resemble the text in `FILE`, as near duplicates do")
	flags.StringVar(&p.Reason, "reason", "", "`TEXT` that the ledger has beside each of them")
	flags.BoolVar(&p.AllowAgain, "allow-again", false, "let the same texts in when they come again")
}

// mostLike is the size of a text that documents are compared with, at most.
const mostLike = 64 << 20

// read completes the parameters by what is in files, and says whether they are all there.
func (f *removeFlags) read(ctx context.Context, c config.Config, in io.Reader, p *remove.Params) (err error) {
	if p.Reason == "" {
		return usageError("--reason TEXT is kept in the ledger beside each document", "why they are to go is not said")
	}
	if f.ids != "" {
		if p.IDs, err = readIDs(f.ids, in); err != nil {
			return err
		}
	}
	if f.like != "" {
		p.Like, err = readLike(ctx, c, f.like)
	}
	return err
}

// readIDs reads ids, one a line. What stands behind an id, parted by white space, means nothing; lines that are empty or begin with # are
// none.
func readIDs(name string, in io.Reader) (ids []string, err error) {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }() // read only
		in = file
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) > 0 && !strings.HasPrefix(fields[0], "#") {
			ids = append(ids, fields[0])
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read ids from %s: %w", name, err)
	}
	if len(ids) == 0 {
		return nil, usageError("it has one id a line, as millrace explain and the ledgers show them", "there is no id in %s", name)
	}
	return ids, nil
}

// readLike reads a text and makes of it what a run would make of a document.
func readLike(ctx context.Context, c config.Config, name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	if info.Size() > mostLike {
		return "", usageError("name a file that holds one text", "%s has %s, the most is %s", name, pipeline.ByteSize(info.Size()), pipeline.ByteSize(mostLike))
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	b := &columnar.Batch{File: []int32{0}, Offset: []int64{0}}
	b.Text.Append(bytes.TrimPrefix(data, []byte("\uFEFF")))
	b.Meta.Append(nil)
	if b, err = normalize.New(c.Normalize).Process(ctx, b); err != nil {
		return "", err
	}
	if b.Len() == 0 {
		return "", usageError("name a file that holds a text", "%s has no text", name)
	}
	return string(b.Text.At(0)), nil
}

func newRemove(a *app) *cobra.Command {
	var f removeFlags
	var p remove.Params
	var work string
	var dry bool
	cmd := &cobra.Command{
		Use:   "remove OUT (--ids FILE | --path GLOB | --where EXPR | --like FILE) --reason TEXT",
		Short: "Take documents out of a corpus",
		Long: `Takes documents out of the corpus in OUT, by a new version without them: the shards that held them are written anew, all others
stay as they are, and the counts of their characters are taken away. The ledger of the version names each of them, with TEXT.
The same texts, and what resembles them, are rejected as withdrawn when they come again, unless --allow-again is given.
With --dry-run nothing is changed: it says what would go, and which documents lost to what would go. A drop of the version
brings the documents back, until millrace gc frees the shards that held them.`,
		Example: `  millrace remove corpus --ids takedown.txt --reason "letter of 2026-11-28" --dry-run
  millrace remove corpus --path 'forum/2019/**' --reason "no licence"
  millrace remove corpus --where 'source == "forum" and metadata.author == "X"' --reason "asked by the author"
  millrace remove corpus --like page.txt --reason "personal data"`,
		Args: wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.upkeepOptions(cmd.Context(), args[0], work)
			if err != nil {
				return err
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			if err := f.read(cmd.Context(), c, cmd.InOrStdin(), &p); err != nil {
				return err
			}
			if dry {
				preview, err := remove.DryRun(cmd.Context(), o.Engine(), p)
				if err != nil {
					return err
				}
				return a.tell(&preview, func(w io.Writer) error { return output.Removal(w, &preview) })
			}
			r, err := shown(cmd.Context(), a, &o, remove.Name, func(e engine.Options) (remove.Result, error) { return remove.Run(cmd.Context(), e, p) })
			if err != nil {
				return err
			}
			return a.printRemoval(&r)
		},
	}
	f.add(cmd.Flags(), &p)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would go, and change nothing")
	addWork(cmd, &work)
	return cmd
}

func (a *app) printRemoval(r *remove.Result) error {
	return a.tell(r, func(w io.Writer) error { return output.Removed(w, r) })
}

// removeKind makes the kind of job.
func removeKind(c config.Config) *remove.Kind {
	settings, err := c.Settings()
	if err != nil {
		panic(err) // programmer error: a config has settings
	}
	of := ingest.Options{Options: intake.Options{Settings: settings}, Effective: config.Effective}
	shortened := remove.NewShortenedCache()
	cut := &rewrite.Cut{Tables: tables(), Options: tableOptions(c.Sinks), Of: rewrite.WorkOf(shortened), Count: corpus.FillCopies}
	return remove.New(remove.Options{
		Corpus: inCorpus(), Settings: settings, Changed: of.Changed, Fixed: config.Fixed(), TableGrowth: c.Vocab.Growth, Shortened: shortened,
		Like: func(text string) (remove.Like, error) { return dedupe.NewLike(c.Dedupe, []byte(text)) },
		Stages: remove.Stages{
			Cut:     cut.Spec("remove"),
			Uncount: vocab.UncountStage("unlist", uncounted(shortened, tables()), remove.Counting),
			Recount: vocab.RecountStage(c.Vocab, "recount", remove.BaseVocab, remove.Counting),
		},
	})
}

package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/jobs/release"
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/store"
)

// exportOptions are the flags of export.
type exportOptions struct {
	jsonl, text   bool
	source, where string
	columns       []string
	to            string
}

func newExport(a *app) *cobra.Command {
	o := &exportOptions{}
	cmd := &cobra.Command{
		Use:   "export OUT[@VERSION]",
		Short: "Write the documents of a corpus, or of a release, to a pipe or a file",
		Long: `Writes the live documents of the corpus in OUT, as it is or as it was at VERSION, to stdout: as JSON Lines, or with --text their texts
alone, with a blank line between two of them (a text may have blank lines of its own). They come in the order of the corpus, the
same bytes each time, in bounded memory. When what reads them has enough and closes the pipe, that is no error.

--where takes an expression over id, source, path, offset, chars, bytes, version and metadata, as of millrace remove; a document of which
it cannot be told, as where a field is missing, is left out. OUT may be a release that has texts (parquet or jsonl): then all of its
documents are written, split by split, each as often as it is there. What is only in Arrow files cannot be read here.`,
		Example: "  millrace export corpus | head -3\n  millrace export corpus@17 --text --source news > news.txt\n" +
			"  millrace export corpus --where 'chars > 1000 and metadata.lang == \"zh\"' --columns id,text,metadata --to long.jsonl\n  millrace export release --columns id,text",
		Args: wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case o.jsonl && o.text:
				return usageError("", "--jsonl and --text exclude each other")
			case o.text && len(o.columns) > 0:
				return usageError("a text is written alone", "--text and --columns exclude each other")
			case a.json && o.to == "":
				return usageError("documents are JSON Lines anyway; with --to FILE, --json says how many they are", "--json and documents have one stdout")
			}
			return a.export(cmd.Context(), args[0], o)
		},
	}
	a.completesVersions(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.jsonl, "jsonl", false, "write JSON Lines (the default)")
	f.BoolVar(&o.text, "text", false, "write texts alone, with a blank line between two of them")
	f.StringVar(&o.source, "source", "", "only documents of the source `NAME`")
	f.StringVar(&o.where, "where", "", "only documents of which `EXPR` is true")
	f.StringSliceVar(&o.columns, "columns", nil, "only these `COLUMNS`, in this order, separated by commas (default all)")
	f.StringVar(&o.to, "to", "", "write `FILE` instead of stdout; it is there as a whole or not at all")
	return cmd
}

// exported is what `millrace export --json` prints.
type exported struct {
	File      string `json:"file"`
	Documents int64  `json:"documents"`
	Bytes     int64  `json:"bytes"`
	Untold    int64  `json:"untold,omitempty"` // documents of which the expression could not be told
}

func (a *app) export(ctx context.Context, at string, o *exportOptions) (err error) {
	side := sideOf(at)
	ofRelease, err := a.holdsRelease(ctx, side.out)
	if err != nil {
		return err
	}
	to := a.out
	var file pipeline.Writer
	if o.to != "" {
		folder, opened := folderOf(o.to)
		if opened != nil {
			return opened
		}
		defer func() { err = errors.Join(err, folder.Close()) }()
		if file, err = folder.Create(ctx, filepath.Base(o.to)); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		to = file
	} else {
		// A reader that closes the pipe is to be told from a failure: without this the signal would kill.
		signal.Ignore(syscall.SIGPIPE)
	}
	w := &documentWriter{w: bufio.NewWriterSize(to, 256<<10), text: o.text}
	if ofRelease {
		err = a.exportRelease(ctx, side.out, o, w)
	} else {
		err = a.exportCorpus(ctx, side, o, w)
	}
	if err == nil {
		err = w.w.Flush()
	}
	if file == nil && errors.Is(err, syscall.EPIPE) {
		return nil
	}
	if err != nil || file == nil {
		return err
	}
	if err := file.Commit(); err != nil {
		return err
	}
	done := exported{o.to, w.documents, w.bytes, w.untold}
	return a.say(done, "%s, %s, in %s\n", pipeline.Counted(done.Documents, "document"), pipeline.ByteSize(done.Bytes), o.to)
}

// folderOf is the folder of a file that is to be written.
func folderOf(file string) (*store.Local, error) {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return nil, usageError("", "--to: %s is not a file", file)
	}
	folder := filepath.Dir(file)
	if info, err := os.Stat(folder); err != nil {
		return nil, usageError("", "--to: %w", err)
	} else if !info.IsDir() {
		return nil, usageError("", "--to: %s is not a folder", folder)
	}
	return store.NewLocal(folder, store.LocalOptions{Sync: true})
}

func (a *app) exportCorpus(ctx context.Context, side diffSide, o *exportOptions, w *documentWriter) error {
	options := show.ExportOptions{Version: side.version, Source: o.source, Columns: o.columns}
	names := columnNames()
	for _, c := range o.columns {
		if !slices.Contains(names, c) {
			return unknownColumn(c, names)
		}
	}
	switch {
	case o.text:
		options.Columns = []string{"text"}
	case len(o.columns) == 0:
		options.Columns = names
	}
	if o.where != "" {
		var err error
		if options.Where, err = rule.ParseExpression(o.where); err != nil {
			return usageError("an expression is over id, source, path, offset, chars, bytes, version, metadata", "--where: %w", err)
		}
	}
	return a.withCorpus(ctx, side.out, func(c *corpus.Corpus) (err error) {
		if o.source != "" {
			if err := knownSource(ctx, c, o.source); err != nil {
				return err
			}
		}
		w.untold, err = show.Of(c).Export(ctx, options, func(f *columnar.Frame, row int) error { return w.write(options.Columns, f, row) })
		if err != nil || w.untold == 0 {
			return err
		}
		log, err := a.logger()
		if err == nil {
			log.Warn().Int64("documents", w.untold).Msg("left out, for the expression cannot be told of them, as where a field is missing")
		}
		return err
	})
}

func unknownColumn(name string, names []string) error {
	hint := "columns are " + strings.Join(names, ", ")
	if near := nearest(name, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return usageError(hint, "unknown column %q", name)
}

// knownSource refuses a source that no file of the corpus has come from.
func knownSource(ctx context.Context, c *corpus.Corpus, name string) error {
	versions, err := c.Versions(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, m := range versions {
		names = append(names, m.Sources...)
	}
	if slices.Contains(names, name) || len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	hint := "sources are " + strings.Join(slices.Compact(names), ", ")
	if near := nearest(name, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return usageError(hint, "the corpus has no source %q", name)
}

func (a *app) exportRelease(ctx context.Context, at string, o *exportOptions, w *documentWriter) error {
	if o.source != "" || o.where != "" {
		return usageError("a release has what its recipe selects", "--source and --where are of a corpus")
	}
	c, err := a.load()
	if err != nil {
		return err
	}
	var columns []string
	switch {
	case o.text:
		columns = []string{"text"}
	case len(o.columns) > 0:
		columns = o.columns
	}
	return release.Export(ctx, at, access(c), documentTables(), columns, w.write)
}

// columnNames are the columns of documents of a corpus, in order.
func columnNames() (names []string) {
	for _, c := range ingest.DocumentSchema() {
		names = append(names, c.Name)
	}
	return names
}

// documentWriter writes documents: a line of JSON each, or texts with blank lines between them.
type documentWriter struct {
	w                        *bufio.Writer
	text                     bool
	line                     []byte
	documents, bytes, untold int64
}

func (d *documentWriter) write(columns []string, f *columnar.Frame, row int) (err error) {
	d.line = d.line[:0]
	if d.text {
		if d.documents > 0 {
			d.line = append(d.line, '\n')
		}
		d.line = append(append(d.line, f.Text("text").At(row)...), '\n')
	} else if d.line, err = appendRecord(d.line, columns, f, row); err != nil {
		return err
	}
	n, err := d.w.Write(d.line)
	d.documents++
	d.bytes += int64(n)
	return err
}

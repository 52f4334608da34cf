package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// Reread reads one document of a file that a run has read, from its source once more, and returns its normalised text.
// source is the name of the source and file what the ledger says of the file, format and document rule with it; o.Paths
// are the paths that the run was given. A file that is not what it was, by size or modification time, or that would be
// read as something else with these settings, is an error. It makes no folder and takes no lock.
func Reread(ctx context.Context, o Options, source string, file ingest.File, offset int64) (text string, err error) {
	a, err := openAgain(ctx, o, source, file)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, a.sources.Close()) }()
	stages, err := o.Text(ctx, a.input().Job())
	if err != nil {
		return "", err
	}
	starts := []int64{0}
	f := &a.plan.Files[0]
	if a.cut && f.Compression == "" && f.Encoding == "" && offset > 0 && offset < f.Bytes {
		starts = []int64{offset, 0} // its record begins there: no need to read what comes before
	}
	for _, start := range starts {
		text, err := textAt(ctx, o.Formats, a.input(), ingest.Piece{Start: start, End: f.Bytes}, stages, offset, math.MaxInt)
		if !errors.Is(err, io.EOF) {
			return string(text), err
		}
	}
	return "", fmt.Errorf("%s has no document at %d with these settings", a.name, offset)
}

// LineOf says in which line of a file that a run has read an offset lies, 0 if lines say nothing of it. The rest is as of
// Reread.
func LineOf(ctx context.Context, o Options, source string, file ingest.File, offset int64) (line int64, err error) {
	a, err := openAgain(ctx, o, source, file)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.sources.Close()) }()
	return o.Formats.Line(ctx, a.input(), 0, offset)
}

// again is a file that is read once more: the only one of its plan.
type again struct {
	name    string
	plan    *ingest.Plan
	cut     bool // it may be read in byte ranges
	sources *store.Sources
}

func (a *again) input() ingest.Input { return ingest.Input{Plan: a.plan, Sources: a.sources} }

// openAgain finds a file that a run has read, and checks that it would be read as it was.
func openAgain(ctx context.Context, o Options, source string, file ingest.File) (a again, err error) {
	root, err := rootOf(ctx, o, source, file.Path)
	if err != nil {
		return a, err
	}
	one := file
	one.Source, one.Format, one.Document, one.Compression = 0, "", "", ""
	l := Listing{access: o.Access, sources: []pipeline.Source{{Name: source, Root: root}}, files: []ingest.File{one}}
	if err := l.detect(ctx, o.Formats); err != nil {
		return a, err
	}
	a.name = store.Join(root, file.Path)
	switch f := &l.files[0]; {
	case f.Reject != "":
		return a, fmt.Errorf("%s: the file is %s since", a.name, f.Reject)
	case f.Format != file.Format || f.Document != file.Document || f.Compression != file.Compression:
		return a, fmt.Errorf("%s is read as %s, a document a %s, with these settings; it was %s, a document a %s",
			a.name, f.Format, f.Document, file.Format, file.Document)
	}
	a.plan, a.cut = &ingest.Plan{Sources: l.sources, Files: l.files}, l.cut[0]
	a.sources, err = store.OpenSources(a.plan.Sources, o.Access)
	return a, err
}

// rootOf returns the folder that a source stands for, given the paths of a run: the place that the corpus remembers, if it is one of
// them, or the first one that is called so. A source of several elements is called as the last of them.
func rootOf(ctx context.Context, o Options, source, file string) (string, error) {
	held, called := newMemory(o.Held), ""
	for _, p := range o.Paths {
		at, err := store.Locate(ctx, p, o.Access)
		if err != nil {
			return "", err
		}
		if at.Folder {
			if was := held.roots[source]; was != "" && held.samePlace(was, at.Root) {
				return at.Root, nil
			}
			if called == "" && path.Base(source) == at.Name {
				called = at.Root
			}
			continue
		}
		place := store.Join(at.Root, at.File.Path)
		if name, ok := held.single(place); ok && name == (fileName{source, file}) {
			return above(place, file, at.Root), nil
		}
		if called == "" && source == filesSource && hasEnd(place, file) {
			called = above(place, file, at.Root)
		}
	}
	if called == "" {
		return "", fmt.Errorf("none of the paths named is source %s", source)
	}
	return called, nil
}

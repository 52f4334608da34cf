package intake

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// scanned is what the folders of one source were found to hold.
type scanned struct {
	found  int64
	broken string // a folder that could not be listed, "" if there was none
}

// note remembers what a scan has found, whatever patterns say of it: what they leave out has not vanished.
func (l *Listing) note(source string, f *store.Found) {
	s := l.scanned[source]
	s.found++
	if f.Reason == pipeline.ReasonUnreadable && s.broken == "" {
		s.broken = f.Path
	}
	if l.seen != nil {
		key, _ := ingest.FileKey(nil, source, f.Path)
		l.seen[key] = struct{}{}
	}
}

// scanning begins to remember what a source holds.
func (l *Listing) scanning(source, root string) {
	if l.scanned == nil {
		l.scanned = map[string]*scanned{}
		if l.withdraw {
			l.seen = map[[16]byte]struct{}{}
		}
	}
	if l.scanned[source] == nil {
		l.scanned[source] = &scanned{}
	}
	l.places = append(l.places, pipeline.Source{Name: source, Root: root})
}

// vanished lists the files that live versions hold documents of, and that are gone: their sources were scanned to the end, and each was
// looked for once more by its name. A source that holds nothing at all may be a place where nothing is mounted: that is an error.
func (l *Listing) vanished(ctx context.Context, o *Options, held Known) (gone []ingest.NamedFile, err error) {
	if !o.Withdraw {
		return nil, nil
	}
	var names []string
	for name, s := range l.scanned {
		if s.broken == "" {
			names = append(names, name)
			continue
		}
		o.Log.Warn().Str("source", name).Str("folder", s.broken).
			Msg("a folder of the source cannot be listed: none of its files is taken for vanished")
	}
	list, err := held.Unlisted(ctx, names, func(key [16]byte) bool {
		_, ok := l.seen[key]
		return ok
	})
	if err != nil {
		return nil, err
	}
	lost := map[string]int64{} // by source
	for _, f := range list {
		lost[f.Source]++
	}
	slices.Sort(names)
	for _, name := range names {
		if n := lost[name]; n > 0 && l.scanned[name].found == 0 {
			return nil, pipeline.WithHint(fmt.Errorf("%w: source %s holds nothing, but the corpus has documents of %s of it, which plan.vanished_files would withdraw",
				pipeline.ErrUsage, name, pipeline.Counted(n, "file")),
				"bring its files back, or mount it; if they are gone for good: millrace remove, or leave the source out, or keep them by plan.vanished_files: keep")
		}
	}
	missing := make([]bool, len(list))
	err = forEach(len(list), func() func(i int) error {
		return func(i int) (err error) {
			missing[i], err = isMissing(ctx, l.places, list[i], o.Access)
			return err
		}
	})
	for i, f := range list {
		if missing[i] {
			gone = append(gone, f)
		}
	}
	return gone, err
}

// isMissing says whether none of the places of a source holds a file.
func isMissing(ctx context.Context, sources []pipeline.Source, f ingest.NamedFile, access store.Access) (bool, error) {
	for _, s := range sources {
		if s.Name != f.Source {
			continue
		}
		found, err := store.StatBelow(ctx, s.Root, f.Path, access)
		if err != nil {
			return false, fmt.Errorf("source %s: %w: %w", s.Name, pipeline.ErrUnreachable, err)
		}
		if found.Reason != pipeline.ReasonMissing {
			return false, nil
		}
	}
	return true, nil
}

// sourcesOf are the sources that some of the files are of, as far as they are not in the list.
func (l *Listing) sourcesOf(files []ingest.NamedFile, list []pipeline.Source) (more []pipeline.Source) {
	for _, s := range l.places {
		of := func(f ingest.NamedFile) bool { return f.Source == s.Name }
		if slices.ContainsFunc(files, of) && !slices.Contains(list, s) {
			more = append(more, s)
		}
	}
	return more
}

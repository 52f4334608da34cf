package intake

import (
	"context"

	"github.com/millrace/millrace/pipeline/ingest"
)

// Known says which files the live versions of a corpus hold: see corpus.Known. Its methods are called by several goroutines at a
// time.
type Known interface {
	// Has says whether a live version holds the file, unchanged.
	Has(source, path string, bytes, modTime int64) bool
	// Holds says whether a live version holds the file with this content, whatever its time.
	Holds(source, path string, bytes int64, digest [16]byte) bool
	// Changed says whether a live version holds a file of this name in another state.
	Changed(source, path string, bytes, modTime int64) bool
	// Rejects is how much a live version rejected of a file of this name, and which one it was, if it read the file as it is and in
	// part.
	Rejects(source, path string, bytes, modTime int64) (rejects int64, from int)
	// RejectedAs is why a live version rejected the file as it is, though it is tried again; "" if none did.
	RejectedAs(source, path string, bytes, modTime int64) string
	// Replaces says whether live versions may hold documents of the file in another state than this one.
	Replaces(source, path string, bytes, modTime int64) bool
	// Lost is the version that read the file last, as it is, if documents of it have lost to others that were withdrawn since; else 0.
	Lost(source, path string, bytes, modTime int64) (from int)
	// Unlisted lists the files of the sources that live versions hold documents of, as far as listed does not know the key of one
	// (ingest.FileKey): by source and path.
	Unlisted(ctx context.Context, sources []string, listed func(key [16]byte) bool) ([]ingest.NamedFile, error)
}

// nothing is what a corpus without a version holds.
type nothing struct{}

func (nothing) Has(string, string, int64, int64) bool                { return false }
func (nothing) Holds(string, string, int64, [16]byte) bool           { return false }
func (nothing) Changed(string, string, int64, int64) bool            { return false }
func (nothing) Rejects(string, string, int64, int64) (int64, int)    { return 0, 0 }
func (nothing) RejectedAs(string, string, int64, int64) (why string) { return "" }
func (nothing) Replaces(string, string, int64, int64) bool           { return false }
func (nothing) Lost(string, string, int64, int64) (from int)         { return 0 }
func (nothing) Unlisted(context.Context, []string, func([16]byte) bool) ([]ingest.NamedFile, error) {
	return nil, nil
}

// retried is what a corpus holds for a run that takes files again of which something was rejected.
type retried struct{ Known }

func (k retried) Has(source, path string, bytes, modTime int64) bool {
	rejects, _ := k.Rejects(source, path, bytes, modTime)
	return k.Known.Has(source, path, bytes, modTime) && rejects == 0
}

func (k retried) Holds(source, path string, bytes int64, digest [16]byte) bool {
	rejects, _ := k.Rejects(source, path, bytes, 0)
	return k.Known.Holds(source, path, bytes, digest) && rejects == 0
}

// skipKnown leaves out the files that the run before, or a live version, has read as they are, and says of the others what
// versions made of them before. It returns how many are left out.
func (l *Listing) skipKnown(o *Options, parent *Parent) (skipped int64) {
	begun, held := filesOf(o.Begun), parent.held(o.RetryRejected)
	return l.keep(func(i int) bool {
		f, name := &l.files[i], l.name(i)
		if was, ok := begun[name]; ok && was.Bytes == f.Bytes && was.ModTime == f.ModTime && was.ETag == f.ETag {
			return false
		}
		if held.Has(name.source, name.path, f.Bytes, f.ModTime) {
			return false
		}
		f.Changed = held.Changed(name.source, name.path, f.Bytes, f.ModTime)
		f.Retried, f.RetriedFrom = held.Rejects(name.source, name.path, f.Bytes, f.ModTime)
		if !o.RetryRejected { // what is tried again by itself is read as it was: its documents are duplicates of themselves
			f.RetriedFrom = 0
		}
		f.Reread = f.RetriedFrom > 0 && parent.Moved(f.RetriedFrom)
		o.revise(f, name, held)
		return true
	})
}

// revise says of a file that is to be read what it does to documents that live versions hold of it.
func (o *Options) revise(f *ingest.File, name fileName, held Known) {
	switch {
	case o.Replace && held.Replaces(name.source, name.path, f.Bytes, f.ModTime):
		// Read as a whole, or nobody would know what the new state has no more.
		f.Replaces, f.RetriedFrom, f.Reread = true, 0, false
	default:
		if from := held.Lost(name.source, name.path, f.Bytes, f.ModTime); from > 0 {
			f.Lost, f.RetriedFrom, f.Reread = true, from, true // what is in the corpus stays as it is
		}
	}
}

// skipTold leaves out the files that cannot be read for the very reason that a version has told already: a link that still leads
// nowhere is nothing new.
func (l *Listing) skipTold(held Known) (told []ingest.File) {
	l.keep(func(i int) bool {
		f, name := &l.files[i], l.name(i)
		if f.Reject == "" || f.Reject != held.RejectedAs(name.source, name.path, f.Bytes, f.ModTime) {
			return true
		}
		told = append(told, *f)
		return false
	})
	return told
}

// filesOf are the files of a plan, which may be nil, by name.
func filesOf(p *ingest.Plan) map[fileName]*ingest.File {
	if p == nil {
		return nil
	}
	files := make(map[fileName]*ingest.File, len(p.Files))
	for i := range p.Files {
		files[fileName{p.SourceName(int32(i)), p.Files[i].Path}] = &p.Files[i]
	}
	return files
}

package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// filesSource is the name of the source that single files on the command line belong to.
const filesSource = "files"

// Listing is the files that the paths, or sources, of a run hold, in plan order.
type Listing struct {
	access   store.Access
	counts   *pipeline.Planning // what is told of the plan while it is made; may be nil
	retry    bool               // files are taken again for their rejects
	withdraw bool               // documents go whose files have vanished
	sources  []pipeline.Source
	files    []ingest.File       // without format; Reject is set where the scan already found a reason
	why      []string            // by file, once detected: what its format was told by
	cut      []bool              // by file, once detected: it may be read in byte ranges
	digests  map[fileName]string // that files were published with
	learned  []ingest.Place      // where sources lie, for the corpus to remember: see Draft

	places  []pipeline.Source     // that were scanned
	scanned map[string]*scanned   // by name of the source
	seen    map[[16]byte]struct{} // the keys of all files that were found there; nil if nobody asks what has vanished
}

// fileName names a file by its source and path.
type fileName struct{ source, path string }

// name is that of one of the files.
func (l *Listing) name(file int) fileName {
	f := &l.files[file]
	return fileName{l.sources[f.Source].Name, f.Path}
}

// List finds the files that a plan with these options would look at. One that is named and is not there is an error.
func List(ctx context.Context, o Options) (Listing, error) {
	o.Planning.Restart(stepFind)
	if o.Roots != nil {
		return o.listRoots(ctx)
	}
	return o.listPaths(ctx)
}

// sort puts the files in plan order: the source of higher priority first, then by name of the source, then by path, from
// the front or from the back.
func (l *Listing) sort(order map[string]SourceOrder) {
	slices.SortStableFunc(l.files, func(a, b ingest.File) int {
		as, bs := l.sources[a.Source].Name, l.sources[b.Source].Name
		paths := strings.Compare(a.Path, b.Path)
		if as == bs && order[as].Descending {
			paths = -paths
		}
		return cmp.Or(cmp.Compare(order[bs].Priority, order[as].Priority), strings.Compare(as, bs), paths)
	})
}

// addFolder adds every file below the folder as a file of the source.
func (l *Listing) addFolder(ctx context.Context, name, abs, exclude string) error {
	source := l.source(pipeline.Source{Name: name, Root: abs})
	l.scanning(name, abs)
	l.counts.Begin(pipeline.PlanningStep{Name: stepFind, Of: name})
	err := store.Scan(ctx, abs, l.access, func(f store.Found) error {
		if within(store.Join(abs, f.Path), exclude) {
			return nil
		}
		l.note(name, &f)
		l.counts.Found(f.Bytes)
		l.files = append(l.files, fileOf(source, f))
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return pipeline.WithHint(fmt.Errorf("source %s: %w", name, err), "make or mount it; a source that is not there is no reason to call a night empty")
	}
	return err
}

func fileOf(source int, f store.Found) ingest.File {
	return ingest.File{Source: source, Path: f.Path, Bytes: f.Bytes, Reject: f.Reason, Found: ingest.Found{ModTime: f.ModTime, ETag: f.ETag}}
}

func within(path, folder string) bool {
	return folder != "" && (path == folder || strings.HasPrefix(path, folder+string(filepath.Separator)))
}

func (l *Listing) source(s pipeline.Source) int {
	if i := slices.Index(l.sources, s); i >= 0 {
		return i
	}
	l.sources = append(l.sources, s)
	return len(l.sources) - 1
}

// number gives the sources the order of their first files, so that the order of paths on the command line leaves no trace.
func (l *Listing) number() {
	var sources []pipeline.Source
	at := map[int]int{}
	for i := range l.files {
		old := l.files[i].Source
		if _, ok := at[old]; !ok {
			at[old] = len(sources)
			sources = append(sources, l.sources[old])
		}
		l.files[i].Source = at[old]
	}
	l.sources = sources
}

// RootsOf are the roots of a source, in the order of their first files.
func (l *Listing) RootsOf(source string) (roots []string) {
	for _, s := range l.sources {
		if s.Name == source {
			roots = append(roots, s.Root)
		}
	}
	return roots
}

// Beside counts the files that are neither in a plan nor in a version.
func (l *Listing) Beside(plan *ingest.Plan, parent Parent) (n int64) {
	planned, held := filesOf(plan), parent.held(l.retry)
	for i := range l.files {
		name := l.name(i)
		if planned[name] == nil && !held.Has(name.source, name.path, l.files[i].Bytes, l.files[i].ModTime) {
			n++
		}
	}
	return n
}

// keep leaves only the files for which keeps returns true, in their order, and says how many are left out.
func (l *Listing) keep(keeps func(file int) bool) (out int64) {
	n := 0
	for i := range l.files {
		if !keeps(i) {
			out++
			continue
		}
		l.files[n] = l.files[i]
		if l.why != nil {
			l.why[n], l.cut[n] = l.why[i], l.cut[i]
		}
		n++
	}
	l.files = l.files[:n]
	if l.why != nil {
		l.why, l.cut = l.why[:n], l.cut[:n]
	}
	return out
}

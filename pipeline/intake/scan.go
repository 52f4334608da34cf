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

	"millrace/pipeline"
	"millrace/pipeline/store"
)

// filesSource is the name of the source that single files on the command line belong to.
const filesSource = "files"

// headBytes is how much of a file its format is told by.
const (
	headBytes    = 64 << 10
	maxHeadBytes = 1 << 20 // where less holds nothing that could be told
)

// Listing is what the paths of a run hold, in plan order.
type Listing struct {
	access  store.Access
	sources []pipeline.Source
	files   []pipeline.File // without format; Reject is set where the scan already found a reason
	why     []string        // by file, once detected: what its format was told by
	digests map[fileName]string
}

// fileName names a file by its source and path.
type fileName struct{ source, path string }

// list finds every file below the paths. exclude is the folder of the corpus itself, which is never its own input.
func list(ctx context.Context, paths []string, access store.Access, exclude string, order map[string]SourceOrder) (Listing, error) {
	l := Listing{access: access}
	for _, p := range paths {
		at, err := store.Locate(ctx, p, access)
		if err != nil {
			return l, err
		}
		if !at.Folder {
			l.files = append(l.files, fileOf(l.source(filesSource, at.Root), at.File))
		} else if err := l.addFolder(ctx, at.Name, at.Root, exclude); err != nil {
			return l, err
		}
	}
	l.sort(order)
	for i := 1; i < len(l.files); i++ {
		a, b := l.files[i-1], l.files[i]
		if l.sources[a.Source].Name == l.sources[b.Source].Name && a.Path == b.Path {
			return l, pipeline.WithHint(fmt.Errorf("%w: %s and %s are both called %s in source %q", pipeline.ErrUsage,
				store.Join(l.sources[a.Source].Root, a.Path), store.Join(l.sources[b.Source].Root, b.Path), a.Path,
				l.sources[a.Source].Name), "name the folder above them, or run them one after the other")
		}
	}
	l.number()
	return l, nil
}

// sort puts the files in plan order: the source of higher priority first, then by name of the source, then by path, from
// the front or from the back.
func (l *Listing) sort(order map[string]SourceOrder) {
	slices.SortStableFunc(l.files, func(a, b pipeline.File) int {
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
	source := l.source(name, abs)
	err := store.Scan(ctx, abs, l.access, func(f store.Found) error {
		if within(store.Join(abs, f.Path), exclude) {
			return nil
		}
		l.files = append(l.files, fileOf(source, f))
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return pipeline.WithHint(fmt.Errorf("source %s: %w", name, err), "make or mount it; a source that is not there is no reason to call a night empty")
	}
	return err
}

func fileOf(source int, f store.Found) pipeline.File {
	return pipeline.File{Source: source, Path: f.Path, Bytes: f.Bytes, ModTime: f.ModTime, ETag: f.ETag, Reject: f.Reason}
}

func within(path, folder string) bool {
	return folder != "" && (path == folder || strings.HasPrefix(path, folder+string(filepath.Separator)))
}

func (l *Listing) source(name, root string) int {
	s := pipeline.Source{Name: name, Root: root}
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

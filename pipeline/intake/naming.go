package intake

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// How a path on the command line gets the name of its source. A folder's place is itself; the source of single files is "files", and
// what is said here of folders and their names goes for these files and their paths in it. The first that applies:
//
//	NAME=PATH names it                               NAME
//	the corpus remembers the place                   the name that it has there
//	the place ends as a name of several elements     that name, the longest one: if it stands for another place, somebody has to decide
//	that the corpus has, and no other path's does
//	no other path of the command has its base name   that
//	otherwise                                        the shortest end of the place that none of the others has: 2025/news, 2026/news
//
// None of this depends on the order of the paths, and what a version has named keeps its name.

// item is one path that was named.
type item struct {
	at    store.Located
	place string // the folder, or the file
	given string // as NAME=PATH, "" otherwise

	source string // the result, as the next two
	root   string
	path   string // of a single file in its source

	sure bool // no other path has a say in the name
}

func (i *item) base() string {
	if i.at.Folder {
		return i.at.Name
	}
	return i.at.File.Path
}

// name is what is chosen for an item: its source, or the path in the source of single files.
func (i *item) name() *string {
	if i.at.Folder {
		return &i.source
	}
	return &i.path
}

// namer gives the paths of a command their names.
type namer struct {
	held  *memory
	moved []string
	items []*item
	seen  map[string]bool // places
	// last are the items that nobody has given a name, by the last element of their places.
	last  map[string][]*item
	taken map[bool]map[string]string // places of the names that are sure, of folders (true) and of single files
}

// newNamer is one of no path.
func newNamer(held *memory, moved []string) *namer {
	return &namer{held: held, moved: moved, seen: map[string]bool{}, last: map[string][]*item{}, taken: map[bool]map[string]string{true: {}, false: {}}}
}

// add adds a path, unless its place is there already. Those that are given a name come first.
func (n *namer) add(at store.Located, given string) *item {
	i := &item{at: at, place: at.Root, root: at.Root, given: given}
	if !at.Folder {
		i.place = store.Join(at.Root, at.File.Path)
	}
	if given == "" && n.seen[i.place] {
		return i
	}
	n.seen[i.place] = true
	n.items = append(n.items, i)
	if given == "" {
		n.last[end(i.place, 1)] = append(n.last[end(i.place, 1)], i)
	}
	return i
}

// locate finds what the paths of the options name.
func (o *Options) locate(ctx context.Context, held *memory) (*namer, error) {
	n := newNamer(held, o.Moved)
	paths := slices.Clone(o.Named)
	for _, p := range o.Paths {
		paths = append(paths, NamedPath{"", p})
	}
	for _, p := range paths {
		at, err := store.Locate(ctx, p.Path, o.Access)
		if err != nil {
			return nil, err
		}
		if target, err := filepath.EvalSymlinks(at.Root); err == nil && !store.IsRemote(at.Root) {
			at.Root = target // it may be cut above a link, which no root is read through
		}
		i := n.add(at, p.Name)
		if p.Name != "" && at.Folder { // a link that leads elsewhere every night is one place
			if i.root, err = store.Absolute(p.Path); err != nil {
				return nil, err
			}
		}
	}
	return n, nil
}

// name names all items. The error says what is called as something else already.
func (n *namer) name() error {
	for _, i := range n.items {
		if i.given == "" {
			continue
		}
		i.source, i.path, i.sure = i.given, i.at.File.Path, true
		if was, ok := n.taken[true][i.given]; ok && was != i.at.Root {
			return pipeline.WithHint(fmt.Errorf("%w: source %s is given twice: %s and %s", pipeline.ErrUsage, i.given, was, i.at.Root), "a source has one place: name them differently")
		}
		n.taken[true][i.given] = i.at.Root
	}
	for _, i := range n.items {
		if !i.sure {
			n.remembered(i)
		}
	}
	for _, i := range n.items {
		if i.given == "" && !i.at.Folder && i.source == "" {
			i.source = filesSource
			n.taken[true][filesSource] = "" // which no folder is called beside
		}
	}
	for _, i := range n.items {
		if !i.sure {
			*i.name() = n.chosen(i)
		}
		if i.given == "" && !i.at.Folder {
			i.root = above(i.place, i.path, i.at.Root)
		}
	}
	return nil
}

// above is the root that a file lies below by its path, or where it was found, if it is called otherwise there.
func above(place, path, found string) string {
	root, ok := strings.CutSuffix(place, "/"+path)
	if !ok {
		return found
	}
	if root == "" {
		return "/"
	}
	return root
}

// remembered gives an item the name that the corpus has for its place, unless the command gives that name to another one.
func (n *namer) remembered(i *item) {
	if !i.at.Folder {
		if name, ok := n.held.single(i.place); ok {
			i.source, i.path, i.sure = name.source, name.path, true
			n.taken[false][name.path] = i.place
		}
		return
	}
	name := n.held.folder(i.place, i.base())
	if was, ok := n.taken[true][name]; name != "" && (!ok || was == i.place) {
		i.source, i.sure = name, true
		n.taken[true][name] = i.place
	}
}

// chosen is the name of an item that nobody has named yet.
func (n *namer) chosen(i *item) string {
	longest := ""
	better := func(name string) bool {
		return len(name) > len(longest) && strings.Contains(name, "/") && hasEnd(i.place, name) && n.free(i, name, strings.Count(name, "/")+1)
	}
	if i.at.Folder {
		for name := range n.held.names {
			if better(name) {
				longest = name
			}
		}
	}
	switch {
	case longest != "":
		return longest
	case i.at.File.Reason == pipeline.ReasonName, n.free(i, i.base(), 1):
		return i.base()
	}
	return freeEnd(i.place, 2, func(name string, elements int) bool { return n.free(i, name, elements) })
}

// free says whether no other item has a name, nor an end of so many elements that reads so.
func (n *namer) free(i *item, name string, elements int) bool {
	if was, ok := n.taken[i.at.Folder][name]; ok && was != i.place {
		return false
	}
	return !slices.ContainsFunc(n.last[path.Base(name)], func(other *item) bool {
		return other.at.Folder == i.at.Folder && other.place != i.place && end(other.place, elements) == name
	})
}

// check says which names stand for another place in the corpus, and what of that was moved or not known: it is to be remembered.
func (n *namer) check() (learned []ingest.Place, err error) {
	var taken []takenName
	for _, i := range n.items {
		p := ingest.Place{Source: i.source, Root: i.root}
		if !i.at.Folder {
			p.Paths = []string{i.path}
		}
		t, learn := n.held.check(p, n.moved)
		if t != nil {
			t.free = n.suggest(i)
			taken = append(taken, *t)
		}
		if learn {
			learned = append(learned, p)
		}
	}
	if len(taken) > 0 {
		return nil, takenError(taken)
	}
	return learned, n.held.checkMoved(n.moved, func(yield func(string) bool) {
		for _, i := range n.items {
			if !yield(i.source) {
				return
			}
		}
	})
}

// suggest is a name for an item that nothing else has.
func (n *namer) suggest(i *item) string {
	place, from := i.place, 2
	if !i.at.Folder {
		place, from = i.at.Root, 1
	}
	return freeEnd(place, from, func(name string, _ int) bool {
		return !n.held.names[name] && name != filesSource && !slices.ContainsFunc(n.items, func(other *item) bool { return other.source == name })
	})
}

// warnInside tells of paths that lie inside of another source, or are one: what that holds of them is read once more, under another name.
func (n *namer) warnInside(o *Options) {
	for _, i := range n.items {
		if was := n.held.folder(i.place, i.given); i.at.Folder && was != "" && was != i.source {
			o.Log.Warn().Str("path", i.place).Str("source", i.source).Str("is", was).
				Msg("the corpus has this as another source: what that one has brought is read once more as this one, and is a duplicate of itself")
		}
		for _, p := range slices.Concat(n.held.folders, n.places()) {
			if i.given == "" && p.Source != i.source && within(i.place, p.Root) && i.place != p.Root {
				o.Log.Warn().Str("path", i.place).Str("source", i.source).Str("inside_of", p.Source).Str("at", p.Root).
					Msg("this lies inside of another source: what that one has brought is read once more as this one, and is a duplicate of itself")
				break
			}
		}
	}
}

// places are the folders of the command.
func (n *namer) places() (list []ingest.Place) {
	for _, i := range n.items {
		if i.at.Folder {
			list = append(list, ingest.Place{Source: i.source, Root: i.root})
		}
	}
	return list
}

// listPaths finds every file below the paths.
func (o *Options) listPaths(ctx context.Context) (Listing, error) {
	l := Listing{access: o.Access, counts: o.Planning, retry: o.RetryRejected, withdraw: o.Withdraw}
	n, err := o.locate(ctx, newMemory(o.Held))
	if err != nil {
		return l, err
	}
	if err := n.name(); err != nil {
		return l, err
	}
	if l.learned, err = n.check(); err != nil {
		return l, err
	}
	n.warnInside(o)
	for _, i := range n.items {
		if i.at.Folder {
			if err := l.addFolder(ctx, i.source, i.root, o.Exclude); err != nil {
				return l, err
			}
			continue
		}
		f := fileOf(l.source(pipeline.Source{Name: i.source, Root: i.root, Single: true}), i.at.File)
		l.counts.Found(f.Bytes)
		f.Path = i.path
		l.files = append(l.files, f)
	}
	l.sort(o.Sources)
	if err := l.once(); err != nil {
		return l, err
	}
	l.number()
	return l, nil
}

// once leaves out what was found twice: a file of a folder that was named by itself, too.
func (l *Listing) once() (err error) {
	before := -1
	l.keep(func(i int) bool {
		if before >= 0 && l.name(before) == l.name(i) {
			a, b := l.files[before], l.files[i]
			if was, now := l.sources[a.Source].Root, l.sources[b.Source].Root; was != now && err == nil {
				err = pipeline.WithHint(fmt.Errorf("%w: %s and %s are both %s", pipeline.ErrUsage, store.Join(was, a.Path), store.Join(now, b.Path),
					path.Join(l.sources[a.Source].Name, a.Path)), "name one of them by --source NAME=PATH")
			}
			return false
		}
		before++
		return true
	})
	return err
}

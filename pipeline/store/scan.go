package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
)

// Found is one file of a scan, or a thing in its place that cannot be read.
type Found struct {
	// Path is relative to the root, with slashes. A name that is not UTF-8 cannot stand in a plan: it is ReasonName, its
	// bytes written as \xd0.
	Path    string
	Bytes   int64
	ModTime int64 // nanoseconds since 1970; of a link, as Bytes, that of its target
	ETag    string
	// Reason is "" for a file that Sources can open, as far as one can tell without reading it.
	Reason string
}

// Scan calls yield with every file below the folder root, or every object below its URL, in byte order of the paths. It never follows a link to a
// folder, so it ends; a link to a file within the root is a file. Names that begin with a dot are left out, with all
// below them: by custom they belong to programs (.git, .DS_Store, .millrace). Of the cache of a hub's repository there are
// the snapshots alone. An unreadable folder is one Found. The
// error is yield's, the context's, or says why root itself cannot be listed.
func Scan(ctx context.Context, root string, a Access, yield func(Found) error) (err error) {
	r, err := openRoot(root, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	return r.scan(ctx, yield)
}

// Stat describes a single file that somebody named: the folder that serves as its root, and its Found in there. A link
// that leaves its folder is taken by its target, for it was meant. That there is nothing, or a folder, is an error.
func Stat(file string) (root string, found Found, err error) {
	for {
		root, name := filepath.Dir(file), filepath.Base(file)
		if found, err = statIn(root, name); err != nil || found.Reason != pipeline.ReasonOutside {
			return root, found, err
		}
		target, err := filepath.EvalSymlinks(file)
		if err != nil {
			return "", Found{}, fmt.Errorf("stat %s: %w", file, cause(err))
		}
		if target == file {
			return root, found, nil
		}
		file = target
	}
}

// StatBelow describes the file of this path below a root. What is wrong with it, also that there is none, is its Reason.
func StatBelow(ctx context.Context, root, name string, a Access) (found Found, err error) {
	if err := ctx.Err(); err != nil {
		return Found{}, err
	}
	if !fs.ValidPath(name) {
		return Found{Path: readable(name), Reason: pipeline.ReasonOutside}, nil
	}
	r, err := openRoot(root, a)
	if err != nil {
		return Found{}, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	return r.stat(ctx, name)
}

func (c *confined) stat(_ context.Context, name string) (Found, error) {
	info, err := c.info(name)
	return c.found(name, info, err)
}

func statIn(root, name string) (found Found, err error) {
	c, err := openConfined(root)
	if err != nil {
		return Found{}, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	info, err := c.root.Lstat(name)
	if err != nil {
		return Found{}, fmt.Errorf("stat %s: %w", c.full(name), cause(err))
	}
	found, err = c.examine(name, fs.FileInfoToDirEntry(info))
	if err == nil && (info.IsDir() || found.Reason == pipeline.ReasonLink) {
		err = fmt.Errorf("stat %s: is a folder", c.full(name))
	}
	return found, err
}

func (c *confined) scan(ctx context.Context, yield func(Found) error) error {
	ctx, cancel := context.WithCancel(ctx)
	w := walk{c: c, yield: yield, busy: make(chan struct{}, runtime.GOMAXPROCS(0))}
	defer w.ahead.Wait()
	defer cancel()
	return w.folder(ctx, "", w.list(ctx, ""))
}

// walk is one scan. The folders that come next are listed while the files of one go to yield, which is called by one goroutine.
type walk struct {
	c     *confined
	yield func(Found) error
	busy  chan struct{} // holds a token for each folder that is being listed
	ahead sync.WaitGroup
	waits int // folders that are listed, or about to be, and were not looked at; of folder alone
}

// listAhead is how many folders wait in memory before their turn.
const listAhead = 8

// listed is what a folder holds: its entries in the order of a scan, and what those are that are none themselves.
type listed struct {
	entries []fs.DirEntry
	files   []Found
	broken  error // it cannot be listed
	err     error // the scan cannot go on
}

// list begins to list the folder, "" for the root.
func (w *walk) list(ctx context.Context, folder string) <-chan listed {
	l := make(chan listed, 1)
	w.ahead.Go(func() {
		w.busy <- struct{}{}
		defer func() { <-w.busy }()
		l <- w.c.list(ctx, folder)
	})
	return l
}

// folder gives all that is below the folder to yield.
func (w *walk) folder(ctx context.Context, folder string, list <-chan listed) error {
	l := <-list
	switch {
	case l.err != nil:
		return l.err
	case l.broken != nil && folder == "":
		return fmt.Errorf("list %s: %w", w.c.path, cause(l.broken))
	case l.broken != nil:
		return w.yield(Found{Path: readable(folder), Reason: pipeline.ReasonUnreadable})
	}
	var ahead []<-chan listed
	next := 0 // the first entry of which it was not asked whether it is a folder
	for i, d := range l.entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		for ; next < len(l.entries) && (next <= i || w.waits < listAhead); next++ {
			if l.entries[next].IsDir() {
				ahead = append(ahead, w.list(ctx, path.Join(folder, l.entries[next].Name())))
				w.waits++
			}
		}
		var err error
		if d.IsDir() {
			list := ahead[0]
			ahead = ahead[1:]
			w.waits--
			err = w.folder(ctx, path.Join(folder, d.Name()), list)
		} else {
			err = w.yield(l.files[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// list lists the folder, "" for the root.
func (c *confined) list(ctx context.Context, folder string) (l listed) {
	if l.err = ctx.Err(); l.err != nil {
		return l
	}
	l.entries, l.broken = os.ReadDir(c.full(folder))
	if l.broken != nil {
		return l
	}
	slices.SortFunc(l.entries, func(a, b fs.DirEntry) int { return strings.Compare(sortKey(a), sortKey(b)) })
	cache := isHubCache(filepath.Base(c.full(folder)), l.entries)
	l.entries = slices.DeleteFunc(l.entries, func(d fs.DirEntry) bool {
		return strings.HasPrefix(d.Name(), ".") || cache && d.Name() != hubSnapshots
	})
	l.files, l.err = c.examineAll(ctx, folder, l.entries)
	return l
}

// examineChunk is how many entries of a folder are looked at in one go: work of a part of a millisecond.
const examineChunk = 128

// examineAll describes those entries of a folder that are none themselves, on all cores where they are many.
func (c *confined) examineAll(ctx context.Context, folder string, entries []fs.DirEntry) ([]Found, error) {
	files := make([]Found, len(entries))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for from := 0; from < len(entries); from += examineChunk {
		g.Go(func() (err error) {
			for i := from; i < min(from+examineChunk, len(entries)); i++ {
				if err = ctx.Err(); err != nil {
					return err
				}
				if entries[i].IsDir() {
					continue
				}
				if files[i], err = c.examine(path.Join(folder, entries[i].Name()), entries[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return files, g.Wait()
}

// hubSnapshots is where the cache of a hub of models and data sets has a folder of links for each revision, into blobs.
const hubSnapshots = "snapshots"

// isHubCache recognises the cache of one repository: what its snapshots lead to is not read a second time under the names of
// its blobs, nor are the names of its revisions.
func isHubCache(name string, entries []fs.DirEntry) bool {
	kind, _, ok := strings.Cut(name, "--")
	if !ok || kind != "models" && kind != "datasets" && kind != "spaces" {
		return false
	}
	has := func(name string) bool {
		return slices.ContainsFunc(entries, func(d fs.DirEntry) bool { return d.Name() == name && d.IsDir() })
	}
	return has(hubSnapshots) && has("blobs")
}

// sortKey gives a folder the place of what is in it: "a.b" comes before "a/b".
func sortKey(d fs.DirEntry) string {
	if d.IsDir() {
		return d.Name() + "/"
	}
	return d.Name()
}

// examine describes an entry that is no folder. The error is not the entry's fault.
func (c *confined) examine(name string, d fs.DirEntry) (Found, error) {
	var info fs.FileInfo
	var err error
	if d.Type()&fs.ModeSymlink != 0 {
		info, err = c.info(name)
	} else if info, err = d.Info(); err != nil {
		err = c.reject(name, err)
	}
	return c.found(name, info, err)
}

// found describes what a name leads to by its info, or by the error that there was instead.
func (c *confined) found(name string, info fs.FileInfo, err error) (Found, error) {
	found := Found{Path: readable(name)}
	if err != nil {
		reject, ok := errors.AsType[*pipeline.RejectError](err)
		if !ok {
			return Found{}, err
		}
		found.Reason = reject.Reason
		return found, nil
	}
	switch {
	case info.IsDir():
		found.Reason = pipeline.ReasonLink
	case !info.Mode().IsRegular():
		found.Reason = pipeline.ReasonSpecial
	default:
		found.Bytes, found.ModTime = info.Size(), info.ModTime().UnixNano()
		if found.Path != name {
			found.Reason = pipeline.ReasonName
		}
	}
	return found, nil
}

// readable makes a path fit for JSON without making two paths one.
func readable(p string) string {
	if utf8.ValidString(p) {
		return p
	}
	var b strings.Builder
	for i := 0; i < len(p); {
		r, n := utf8.DecodeRuneInString(p[i:])
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, p[i])
		} else {
			b.WriteString(p[i : i+n])
		}
		i += n
	}
	return b.String()
}

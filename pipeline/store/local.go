package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/millrace/millrace/pipeline"
)

// temporaryPrefix begins the base name of every file that is not committed yet. No store name may have such an element.
const temporaryPrefix = ".tmp-"

// LocalOptions are the choices of a Local store.
type LocalOptions struct {
	// Sync makes Commit, PutNew, Move and Remove wait until the disk has it. Without it files still appear whole or not
	// at all to other processes and survive the death of this one, but not a power loss: for work files that are thrown
	// away when BootID has changed.
	Sync bool
}

// Local is a pipeline.Store and pipeline.Mover in a folder of this machine. Safe for concurrent use, also by several
// processes.
type Local struct {
	root    *os.Root
	folder  string // below root, "" for root itself
	sync    bool
	lasting *lasting // of all stores of the root
	err     error    // the folder given to Sub was no name; every method returns it
}

var (
	_ pipeline.Store  = (*Local)(nil)
	_ pipeline.Mover  = (*Local)(nil)
	_ pipeline.Copier = (*Local)(nil)
)

// NewLocal opens the store in the folder root, and makes the folder if need be. Close frees it. A root that is removed
// and made again is another folder: the store has to be opened again.
func NewLocal(root string, opts LocalOptions) (*Local, error) {
	if err := os.MkdirAll(root, 0o777); errors.Is(err, unix.ENOTDIR) {
		return nil, noFolder(root)
	} else if err != nil {
		return nil, fmt.Errorf("make store: %w", err)
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return &Local{root: r, sync: opts.Sync, lasting: &lasting{}}, nil
}

func noFolder(at string) error {
	return pipeline.WithHint(fmt.Errorf("%w: %s is a file, or lies below one", pipeline.ErrUsage, at), "name a folder, or a path where one can be made")
}

// Close frees the store and everything that came from Sub; open files stay usable.
func (l *Local) Close() error { return l.root.Close() }

// Sub is the same store below a folder, which need not exist.
func (l *Local) Sub(folder string) pipeline.Store {
	s := *l
	if folder != "" {
		s.folder, s.err = l.join(folder)
	}
	return &s
}

// join checks a name and returns its path below the root.
func (l *Local) join(name string) (string, error) {
	switch {
	case l.err != nil:
		return "", l.err
	case name == "." || !fs.ValidPath(name):
		return "", fmt.Errorf("store name %q: not a relative path of plain elements", name)
	case strings.HasPrefix(name, temporaryPrefix) || strings.Contains(name, "/"+temporaryPrefix):
		return "", fmt.Errorf("store name %q: %s is kept for temporary files", name, temporaryPrefix)
	}
	return path.Join(l.folder, name), nil
}

// wrap names the operation and the whole path of an error of the file system, once. No error stays none.
func (l *Local) wrap(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", op, filepath.Join(l.root.Name(), name), cause(err))
}

// cause strips what os puts round an errno, so that paths are named once and by us.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}

// Open implements pipeline.Store.
func (l *Local) Open(ctx context.Context, name string) (pipeline.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := l.join(name)
	if err != nil {
		return nil, err
	}
	f, err := l.root.Open(p)
	if err != nil {
		return nil, l.wrap("open", p, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, errors.Join(l.wrap("open", p, err), f.Close())
	}
	return &object{f, info.Size()}, nil
}

// object is an open file; *os.File's ReadAt is safe for concurrent use.
type object struct {
	*os.File
	size int64
}

func (o *object) Size() int64 { return o.size }

// List implements pipeline.Store. A folder that does not exist has no files; links and temporary files are not listed.
func (l *Local) List(ctx context.Context, folder string) ([]pipeline.ObjectInfo, error) {
	p, err := l.folder, l.err
	if folder != "" {
		p, err = l.join(folder)
	}
	if err != nil {
		return nil, err
	}
	var list []pipeline.ObjectInfo
	err = l.walk(ctx, p, func(name string, d fs.DirEntry) error {
		if !d.Type().IsRegular() || isTemporary(name) {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		list = append(list, pipeline.ObjectInfo{Name: l.relative(name), Bytes: info.Size()})
		return nil
	})
	if err != nil {
		return nil, l.wrap("list", p, err)
	}
	slices.SortFunc(list, func(a, b pipeline.ObjectInfo) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// relative turns a path below the root into a store name.
func (l *Local) relative(p string) string {
	if l.folder == "" {
		return p
	}
	return strings.TrimPrefix(p, l.folder+"/")
}

// walk calls f for everything below a folder. What vanishes meanwhile, or was never there, is no error.
func (l *Local) walk(ctx context.Context, folder string, f func(name string, d fs.DirEntry) error) error {
	if folder == "" {
		folder = "."
	}
	return fs.WalkDir(l.root.FS(), folder, func(name string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = f(name, d)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

func isTemporary(name string) bool { return strings.HasPrefix(path.Base(name), temporaryPrefix) }

// Remove implements pipeline.Store.
func (l *Local) Remove(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p, err := l.join(name)
	if err != nil {
		return err
	}
	l.lasting.gone(p)
	if err := l.root.RemoveAll(p); err != nil {
		return l.wrap("remove", p, err)
	}
	if err := l.syncFolder(path.Dir(p)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// RemoveTemporaries removes what writers that died left behind. It would take the files of living writers too: call it
// while holding the Lock of whoever writes here.
func (l *Local) RemoveTemporaries(ctx context.Context) error {
	if l.err != nil {
		return l.err
	}
	return l.wrap("remove temporary files of", l.folder, l.walk(ctx, l.folder, func(name string, d fs.DirEntry) error {
		if d.IsDir() || !isTemporary(name) {
			return nil
		}
		return l.root.Remove(name)
	}))
}

// places are where a file that comes to be elsewhere is and goes, in a folder that is there.
func (l *Local) places(ctx context.Context, from, to string) (source, target string, err error) {
	if err := ctx.Err(); err != nil {
		return "", "", err
	}
	if source, err = l.join(from); err != nil {
		return "", "", err
	}
	if target, err = l.join(to); err != nil {
		return "", "", err
	}
	if err := l.makeFolder(path.Dir(target)); err != nil {
		return "", "", err
	}
	return source, target, nil
}

// makeFolder makes a folder and those above it, as far as they are not there.
func (l *Local) makeFolder(folder string) error {
	for f := folder; f != "."; f = path.Dir(f) {
		if _, err := l.root.Lstat(f); err == nil {
			break
		}
		l.lasting.gone(f)
	}
	return l.wrap("make", folder, l.root.MkdirAll(folder, 0o777))
}

// Move implements pipeline.Mover: it renames a file or a folder within the store. A target that is a folder with something
// in it is pipeline.ErrExists; an empty one is replaced by a folder, an existing file by a file.
func (l *Local) Move(ctx context.Context, from, to string) error {
	source, target, err := l.places(ctx, from, to)
	if err != nil {
		return err
	}
	// os.Root renames onto no folder. Removing one fails unless it is empty, so nothing is lost, whoever else is here.
	if info, err := l.root.Lstat(target); err == nil && info.IsDir() {
		if err := l.root.Remove(target); errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.EEXIST) {
			return l.wrap("move to", target, pipeline.ErrExists)
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return l.wrap("move to", target, err)
		}
	}
	l.lasting.gone(source)
	l.lasting.gone(target)
	switch err := l.root.Rename(source, target); {
	case errors.Is(err, unix.ENOTEMPTY), errors.Is(err, unix.EEXIST), errors.Is(err, unix.EISDIR):
		return l.wrap("move to", target, pipeline.ErrExists)
	case err != nil:
		return l.wrap("move "+from+" to", target, err)
	}
	return errors.Join(l.syncFolders(path.Dir(target)), l.syncFolder(path.Dir(source)))
}

// Copy implements pipeline.Copier by a hard link.
func (l *Local) Copy(ctx context.Context, from, to string) error {
	source, target, err := l.places(ctx, from, to)
	if err != nil {
		return err
	}
	switch err := l.root.Link(source, target); {
	case errors.Is(err, fs.ErrExist):
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EMLINK):
		return l.wrap("link "+from+" to", target, errors.Join(errors.ErrUnsupported, err))
	case err != nil:
		return l.wrap("link "+from+" to", target, err)
	}
	return l.syncFolders(path.Dir(target))
}

// syncFolders makes the entries of a folder durable, and those that lead to it, as far as that is not known of them: it may have been made
// a moment ago.
func (l *Local) syncFolders(folder string) error {
	if !l.sync {
		return nil
	}
	changes := l.lasting.begin()
	for f := folder; ; f = path.Dir(f) {
		if err := l.syncFolder(f); err != nil {
			return err
		}
		if f == "." || l.lasting.has(f) {
			break
		}
	}
	l.lasting.end(folder, changes)
	return nil
}

func (l *Local) syncFolder(folder string) (err error) {
	if !l.sync {
		return nil
	}
	d, err := l.root.Open(folder)
	if err != nil {
		return l.wrap("open", folder, err)
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return l.wrap("sync", folder, d.Sync())
}

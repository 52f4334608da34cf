package corpus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// Where documents lie: those that are live by the newest manifest in the folders of their formats, all others that a manifest names below
// dataset.RetiredFolder, at the same path. So a reader that knows folders alone is right between two commits. It follows from the
// manifests, and settle makes it so, behind each commit that changes it and at the next start, step by step:
//
//	step             what is there afterwards                              what the next settle does
//	(the manifest)   every file where it was                               starts
//	places:placed    every file where it belongs, those that moved also    finds nothing to place
//	                 where they were
//	places:logged    the Delta log is that of the manifests, and names     writes what of it is not
//	                 the places that files have now
//	places:card      the card is that of the newest version                finds it
//	places:cleared   every file where it belongs, and nowhere else         nothing
//
// A file that moves is in both places before it is in one, so it is never in none: whoever opens it by Files finds it at every step. What
// is neither here nor there was freed, or is damage that Present and verify tell of. Where the file system has no links a file goes to its
// place at once: one that is live again in the first step, one that is retired in the last.

// moves is how many files move at a time.
const moves = 8

// A move is a file that does not lie where it belongs, or lies there and elsewhere.
type move struct {
	from, to string
	bytes    int64
	placed   bool // it is at to
	stray    bool // at to is something of another size
}

// settle brings files to their places, and makes the Delta log and the card those of the newest version. The caller must hold the corpus.
func (c *Corpus) settle(ctx context.Context, crash func(point string)) error {
	list, err := c.Versions(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
	moving, err := c.moving(ctx, list)
	if err != nil {
		return err
	}
	if err := c.place(ctx, moving); err != nil {
		return err
	}
	crash("places:placed")
	if err := c.writeLog(ctx, list); err != nil {
		return err
	}
	crash("places:logged")
	if err := c.writeCard(ctx, list); err != nil {
		return err
	}
	crash("places:card")
	if err := c.clear(ctx, moving); err != nil {
		return err
	}
	crash("places:cleared")
	return nil
}

// moving finds what has to move.
func (c *Corpus) moving(ctx context.Context, list []*manifest.Manifest) (moving []*move, err error) {
	home, err := dataset.Sizes(ctx, c.store, c.formats.Folders()...)
	if err != nil {
		return nil, err
	}
	retired, err := dataset.Sizes(ctx, c.store.Sub(dataset.RetiredFolder), c.formats.Folders()...)
	if err != nil {
		return nil, err
	}
	live := liveFiles(list)
	for _, m := range list {
		for _, f := range m.Files {
			if c.formats.Of(f.Path) == nil {
				continue
			}
			mv, right, wrong := move{retiredPath(f.Path), f.Path, f.Bytes, false, false}, home, retired
			if !live[f.Path] {
				mv, right, wrong = move{f.Path, retiredPath(f.Path), f.Bytes, false, false}, retired, home
			}
			if size, ok := wrong[f.Path]; ok {
				there, ok := right[f.Path]
				mv.placed, mv.stray = ok && there == f.Bytes, ok && there != f.Bytes
				if mv.placed || size == f.Bytes {
					moving = append(moving, &mv)
				}
			}
		}
	}
	return moving, nil
}

// liveFiles are the paths of what the newest manifest of a list says that the corpus is made of.
func liveFiles(list []*manifest.Manifest) map[string]bool {
	v, live := manifest.ViewOf(list), map[string]bool{}
	for _, f := range v.Files() {
		live[f.Path] = true
	}
	return live
}

func retiredPath(path string) string { return dataset.RetiredFolder + "/" + path }

// place makes files exist where they belong.
func (c *Corpus) place(ctx context.Context, moving []*move) error {
	return each(ctx, moving, func(ctx context.Context, mv *move) error {
		if mv.placed {
			return nil
		}
		if mv.stray {
			if err := c.store.Remove(ctx, mv.to); err != nil {
				return err
			}
		}
		copier, ok := c.store.(pipeline.Copier)
		err := errors.ErrUnsupported
		if ok {
			err = copier.Copy(ctx, mv.from, mv.to)
		}
		if errors.Is(err, errors.ErrUnsupported) {
			mover, ok := c.store.(pipeline.Mover)
			switch {
			case !ok:
				err = c.copyOut(ctx, mv.from, mv.to)
			case mv.to == retiredPath(mv.from):
				return nil // by clear
			default:
				err = mover.Move(ctx, mv.from, mv.to)
			}
		}
		mv.placed = err == nil
		return err
	})
}

// copyOut reads a file and writes it anew.
func (c *Corpus) copyOut(ctx context.Context, from, to string) (err error) {
	o, err := c.store.Open(ctx, from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	w, err := c.store.Create(ctx, to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if _, err := io.Copy(w, io.NewSectionReader(o, 0, o.Size())); err != nil {
		return fmt.Errorf("copy %s to %s: %w", from, to, err)
	}
	return w.Commit()
}

// clear removes files from where they do not belong, and the folders that this leaves empty. Who came here late, when another process
// has moved them on, must not remove the only one there is: so it looks once more.
func (c *Corpus) clear(ctx context.Context, moving []*move) error {
	err := each(ctx, moving, func(ctx context.Context, mv *move) error {
		if !mv.placed {
			mover, ok := c.store.(pipeline.Mover)
			if !ok {
				return nil
			}
			return mover.Move(ctx, mv.from, mv.to)
		}
		o, err := c.store.Open(ctx, mv.to)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if size := o.Size(); size != mv.bytes {
			return o.Close()
		}
		if err := o.Close(); err != nil {
			return err
		}
		return c.store.Remove(ctx, mv.from)
	})
	if err != nil {
		return err
	}
	emptied := map[string]bool{}
	for _, mv := range moving {
		emptied[path.Dir(mv.from)] = true
	}
	return c.removeEmpty(ctx, emptied)
}

// removeEmpty removes those of some folders that hold nothing, and that of what is retired if nothing is.
func (c *Corpus) removeEmpty(ctx context.Context, folders map[string]bool) error {
	if len(folders) == 0 {
		return nil
	}
	for _, folder := range append(slices.Sorted(maps.Keys(folders)), dataset.RetiredFolder) {
		if left, err := c.store.List(ctx, folder); err != nil {
			return err
		} else if len(left) == 0 {
			if err := c.store.Remove(ctx, folder); err != nil {
				return err
			}
		}
	}
	return nil
}

func each(ctx context.Context, moving []*move, do func(context.Context, *move) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(moves)
	for _, mv := range moving {
		g.Go(func() error { return do(ctx, mv) })
	}
	return g.Wait()
}

// Unsettled returns the files of documents that do not lie where they belong, by the manifests of a list: whatever is done next to the
// corpus brings them there.
func (c *Corpus) Unsettled(ctx context.Context, list []*manifest.Manifest) (paths []string, err error) {
	moving, err := c.moving(ctx, list)
	for _, mv := range moving {
		paths = append(paths, mv.from)
	}
	return paths, err
}

// Sizes lists the folders of versions: the size of each file, by the path that manifests name, wherever it lies.
func (c *Corpus) Sizes(ctx context.Context) (map[string]int64, error) {
	home, retired, err := c.sizes(ctx)
	if err == nil {
		maps.Copy(retired, home) // Files opens these
	}
	return retired, err
}

// sizes lists what lies in the folders of versions, and what was retired, by the paths that manifests name.
func (c *Corpus) sizes(ctx context.Context) (home, retired map[string]int64, err error) {
	if home, err = dataset.Sizes(ctx, c.store, c.Folders()...); err != nil {
		return nil, nil, err
	}
	retired, err = dataset.Sizes(ctx, c.store.Sub(dataset.RetiredFolder), c.formats.Folders()...)
	return home, retired, err
}

// placesOf are the places where a file of a manifest may lie.
func (c *Corpus) placesOf(path string) []string {
	if c.formats.Of(path) == nil {
		return []string{path}
	}
	return []string{path, retiredPath(path)}
}

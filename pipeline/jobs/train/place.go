package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"millrace/pipeline"
	"millrace/pipeline/dataset"
	"millrace/pipeline/engine"
	"millrace/pipeline/store"
)

// look returns what the training of a plan has made, nil if it has made nothing yet. With planning, something else in its place is an error of the user's.
func (k *Kind) look(ctx context.Context, s *engine.Site, p *pipeline.Plan, planning bool) (o *engine.Outcome, err error) {
	l, err := localOf(p)
	if err != nil {
		return nil, err
	}
	at, err := placeOf(s, l.Out)
	if err != nil {
		return nil, err
	}
	empty, err := isEmpty(ctx, s, at)
	if empty || err != nil {
		return nil, err
	}
	in, err := store.Open(ctx, at, store.Options{Access: s.Options().Access})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	m, err := readManifest(ctx, in)
	same := err == nil && m != nil && m.Plan == p.Digest()
	if same {
		err = m.whole(ctx, in)
	}
	switch {
	case same && err == nil:
		r, err := m.result(ctx, in, at)
		return &engine.Outcome{Result: r, Plan: m.Plan}, err
	case !planning:
		return nil, err
	case m == nil && err == nil && begun(ctx, in, p):
		return nil, nil
	case err != nil:
		err = fmt.Errorf("%w: %s: %w", pipeline.ErrUsage, at, err)
	case m != nil:
		err = fmt.Errorf("%w: %s holds another tokenizer", pipeline.ErrUsage, at)
	default:
		err = fmt.Errorf("%w: %s is not empty, and holds no tokenizer", pipeline.ErrUsage, at)
	}
	return nil, pipeline.WithHint(err, "name another folder, or remove it")
}

// whole says which file is not there as it was written, by its size.
func (m *Manifest) whole(ctx context.Context, s pipeline.Store) error {
	sizes, err := dataset.Sizes(ctx, s, "")
	if err != nil {
		return err
	}
	for _, f := range m.Files {
		if n, ok := sizes[f.Path]; !ok || n != f.Bytes {
			return fmt.Errorf("%s is missing, or has not the %d bytes that %s says", f.Path, f.Bytes, ManifestName)
		}
	}
	return nil
}

// placeOf is where a folder lies, which must not be in the corpus.
func placeOf(s *engine.Site, out string) (at string, err error) {
	if out == "" {
		return "", fmt.Errorf("%w: no folder for the tokenizer is named", pipeline.ErrUsage)
	}
	if at, err = store.Absolute(out); err != nil {
		return "", err
	}
	corpus, err := store.Absolute(s.Options().Out)
	if err != nil {
		return "", err
	}
	inside := false
	switch {
	case store.IsRemote(at) != store.IsRemote(corpus):
	case store.IsRemote(at):
		inside = strings.HasPrefix(strings.TrimSuffix(at, "/")+"/", strings.TrimSuffix(corpus, "/")+"/")
	default:
		rel, err := filepath.Rel(resolved(corpus), resolved(at))
		inside = err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
	}
	if inside {
		return "", pipeline.WithHint(fmt.Errorf("%w: %s lies in the corpus", pipeline.ErrUsage, at), "name a folder beside it")
	}
	return at, nil
}

// resolved is a path without links, as far as it is there.
func resolved(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(resolved(parent), filepath.Base(path))
}

// isEmpty says whether nothing lies in a place.
func isEmpty(ctx context.Context, s *engine.Site, at string) (bool, error) {
	if store.IsRemote(at) {
		in, err := store.Open(ctx, at, store.Options{Access: s.Options().Access})
		if err != nil {
			return false, err
		}
		list, err := in.List(ctx, "")
		return len(list) == 0, errors.Join(err, in.Close())
	}
	list, err := os.ReadDir(at)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("%w: %w", pipeline.ErrUsage, err)
	}
	return len(list) == 0, nil
}

// begunName is the object that is in a bucket as long as a tokenizer is made there.
func begunName(p *pipeline.Plan) string { return ".unfinished-" + p.Digest()[:8] }

// begun says whether the training of a plan has begun to write in a bucket.
func begun(ctx context.Context, s pipeline.Store, p *pipeline.Plan) bool {
	o, err := s.Open(ctx, begunName(p))
	return err == nil && o.Close() == nil
}

// temporary is the folder beside DIR, by its name, that it is made in.
func temporary(base string, p *pipeline.Plan) string { return "." + base + ".tmp-" + p.Digest()[:8] }

// sortFiles puts files in the order of their paths.
func sortFiles(files []dataset.File) {
	slices.SortFunc(files, func(a, b dataset.File) int { return strings.Compare(a.Path, b.Path) })
}

package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/store"
)

// uploader copies files into a source before they are published.
type uploader struct {
	*Publisher
	root intake.Root
	to   store.Opened
	from map[string]string // what was copied under each name
}

func (p *Publisher) newUploader(ctx context.Context, source string) (*uploader, error) {
	u := &uploader{Publisher: p, from: map[string]string{}}
	for _, r := range p.roots {
		if r.Name == source {
			u.root = r
		}
	}
	if u.root.Name == "" {
		return nil, pipeline.WithHint(fmt.Errorf("%w: there is no source %q with a path", pipeline.ErrUsage, source), "sources are "+p.names())
	}
	var err error
	u.to, err = store.Open(ctx, u.root.Root, store.Options{Write: true, Sync: true, Access: p.options.Access})
	return u, err
}

// addPath copies the file, or the files below the folder, that a path names, and publishes the copies.
func (u *uploader) addPath(ctx context.Context, at string) (err error) {
	found, err := store.Locate(ctx, at, u.options.Access)
	if err != nil {
		return err
	}
	sources, err := store.OpenSources([]pipeline.Source{{Name: "upload", Root: found.Root}}, u.options.Access)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sources.Close()) }()
	if !found.Folder {
		return u.add(ctx, sources, found.Root, found.File)
	}
	return store.Scan(ctx, found.Root, u.options.Access, func(f store.Found) error {
		if u.inCorpus(store.Join(found.Root, f.Path)) {
			return nil
		}
		return u.add(ctx, sources, found.Root, f)
	})
}

func (u *uploader) add(ctx context.Context, sources *store.Sources, root string, f store.Found) error {
	at := store.Join(root, f.Path)
	if f.Reason != "" {
		u.refuse(at, f.Reason)
		return nil
	}
	if other, ok := u.from[f.Path]; ok && other != at {
		return pipeline.WithHint(fmt.Errorf("%w: %s and %s are both called %s", pipeline.ErrUsage, other, at, f.Path),
			"upload them one after the other, or name the folder above them")
	}
	u.from[f.Path] = at
	if err := u.copy(ctx, sources, f); err != nil {
		if reject, ok := errors.AsType[*pipeline.RejectError](err); ok {
			u.refuse(at, reject.Reason)
			return nil
		}
		return err
	}
	return u.addNamed(ctx, u.root, f.Path)
}

// copy copies one file, unless the source has the same bytes under this name: then the copy keeps its time, and a run that has
// taken it does not take it again.
func (u *uploader) copy(ctx context.Context, sources *store.Sources, f store.Found) (err error) {
	in, err := sources.Open(ctx, pipeline.SourceFile{Path: f.Path, Bytes: f.Bytes, ModTime: f.ModTime, ETag: f.ETag})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if same, err := u.has(ctx, f.Path, in); err != nil || same {
		return err
	}
	out, err := u.to.Create(ctx, f.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	n, err := io.Copy(out, io.NewSectionReader(in, 0, in.Size()))
	if err != nil {
		return err
	}
	if n != f.Bytes {
		return &pipeline.RejectError{Reason: pipeline.ReasonChanged, Err: io.ErrUnexpectedEOF}
	}
	if err := out.Commit(); err != nil {
		return err
	}
	u.result.Uploaded++
	return nil
}

// has says whether the source has a file of this name and content.
func (u *uploader) has(ctx context.Context, name string, in pipeline.Object) (same bool, err error) {
	there, err := u.to.Open(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, there.Close()) }()
	if there.Size() != in.Size() {
		return false, nil
	}
	a, b := make([]byte, 1<<20), make([]byte, 1<<20)
	for at := int64(0); at < in.Size(); {
		n := min(int64(len(a)), in.Size()-at)
		if _, err := in.ReadAt(a[:n], at); err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
		if _, err := there.ReadAt(b[:n], at); err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
		if !bytes.Equal(a[:n], b[:n]) {
			return false, nil
		}
		at += n
	}
	return true, nil
}

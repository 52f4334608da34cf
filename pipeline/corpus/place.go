package corpus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"

	"millrace/pipeline"
	"millrace/pipeline/dataset"
)

// place brings the folders of a version to where readers will look for them, and checks that each holds exactly the files
// that the manifest will name. A folder that is in place already, from a try before a crash, is accepted if it holds these
// files by size and digest; a foreign one is never touched.
func (c *Corpus) place(ctx context.Context, out pipeline.Store, h home, list []dataset.File, crash func(string)) error {
	mover, moves := c.store.(pipeline.Mover)
	byFolder := map[string][]dataset.File{}
	for _, f := range list {
		folder := folderOf(f.Path)
		byFolder[folder] = append(byFolder[folder], f)
	}
	for _, kind := range c.Folders() {
		for _, folder := range slices.Sorted(maps.Keys(byFolder)) {
			if path.Dir(folder) != kind {
				continue
			}
			want := byFolder[folder]
			if !moves {
				if err := sameFiles(ctx, c.store, folder, want); err != nil {
					return err
				}
				continue
			}
			if err := c.moveFolder(ctx, mover, out, h, folder, want); err != nil {
				return err
			}
			crash("commit:moved:" + kind)
		}
	}
	return nil
}

func (c *Corpus) moveFolder(ctx context.Context, mover pipeline.Mover, out pipeline.Store, h home, folder string,
	want []dataset.File,
) error {
	there, err := c.store.List(ctx, folder)
	if err != nil {
		return err
	}
	if len(there) == 0 {
		if err := sameFiles(ctx, out, folder, want); err != nil {
			return err
		}
		// An empty folder gives way to the move. Removing it first could remove what another coordinator moved here meanwhile.
		return mover.Move(ctx, h.staging+"/"+folder, folder)
	}
	err = sameFiles(ctx, c.store, folder, want)
	for _, f := range want {
		if err == nil {
			err = CheckFile(ctx, c.store, f, nil)
		}
	}
	if _, ok := errors.AsType[*DamageError](err); ok {
		return pipeline.WithHint(fmt.Errorf("%w: %s is of another run: %w", pipeline.ErrExists, folder, err),
			"start again: what belongs to no version is removed at the start")
	}
	return err
}

// sameFiles says whether a folder holds exactly the files expected, by name and size.
func sameFiles(ctx context.Context, s pipeline.Store, folder string, want []dataset.File) error {
	list, err := s.List(ctx, folder)
	if err != nil {
		return err
	}
	sizes := map[string]int64{}
	for _, info := range list {
		sizes[info.Name] = info.Bytes
	}
	for _, f := range want {
		size, ok := sizes[f.Path]
		switch {
		case !ok:
			return &DamageError{f.Path + " is missing"}
		case size != f.Bytes:
			return &DamageError{fmt.Sprintf("%s has %d bytes, it should have %d", f.Path, size, f.Bytes)}
		}
		delete(sizes, f.Path)
	}
	for _, name := range slices.Sorted(maps.Keys(sizes)) {
		return &DamageError{name + " was written by no task"}
	}
	return nil
}

// CheckFile reads a committed file and compares size and digest. What is wrong with the file itself is a DamageError.
// progress, which may be nil, is called with the bytes read since the last call.
func CheckFile(ctx context.Context, s pipeline.Store, f dataset.File, progress func(int64)) (err error) {
	o, err := s.Open(ctx, f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return &DamageError{f.Path + " is missing"}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if o.Size() != f.Bytes {
		return &DamageError{fmt.Sprintf("%s has %d bytes, its manifest says %d", f.Path, o.Size(), f.Bytes)}
	}
	h := sha256.New()
	buf := make([]byte, min(f.Bytes, 1<<20))
	for at := int64(0); at < f.Bytes; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := o.ReadAt(buf[:min(int64(len(buf)), f.Bytes-at)], at)
		if n == 0 && err != nil {
			return &DamageError{fmt.Sprintf("%s: read at %d: %v", f.Path, at, noEOF(err))}
		}
		_, _ = h.Write(buf[:n]) // a hash never fails
		at += int64(n)
		if progress != nil {
			progress(int64(n))
		}
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != f.SHA256 {
		return &DamageError{fmt.Sprintf("%s has the sha256 %s, its manifest says %s", f.Path, got, f.SHA256)}
	}
	return nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// DamageError is a finding about a committed file, as opposed to an error on the way to it.
type DamageError struct{ text string }

// Error names the file.
func (e *DamageError) Error() string { return e.text }

package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"

	"github.com/millrace/millrace/pipeline"
)

// CheckFile reads a committed file and compares size and digest. What is wrong with the file itself is a DamageError.
// progress, which may be nil, is called with the bytes read since the last call.
func CheckFile(ctx context.Context, s pipeline.Store, f File, progress func(int64)) (err error) {
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

// Sizes lists folders of a store: it returns the size of each file that lies there, by name.
func Sizes(ctx context.Context, s pipeline.Store, folders ...string) (map[string]int64, error) {
	sizes := map[string]int64{}
	for _, folder := range folders {
		infos, err := s.List(ctx, folder)
		if err != nil {
			return nil, err
		}
		for _, info := range infos {
			sizes[info.Name] = info.Bytes
		}
	}
	return sizes, nil
}

// sameFiles says whether a folder holds exactly the files expected, by name and size.
func sameFiles(ctx context.Context, s pipeline.Store, folder string, want []File) error {
	sizes, err := Sizes(ctx, s, folder)
	if err != nil {
		return err
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

package engine

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"slices"

	"github.com/zeebo/xxh3"

	"millrace/pipeline"
	"millrace/pipeline/store"
)

// skipEqual reads the files that are left once, several at once, for the digests of their contents, and leaves out those
// that a live version holds with the same content: they were copied, or mounted anew, and have other times. It says how many.
// What cannot be read has no digest: whoever reads it finds out why.
func (l *listed) skipEqual(ctx context.Context, parent Parent) (skipped int64, err error) {
	sources, err := store.OpenSources(l.sources, l.access)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, sources.Close()) }()
	equal := make([]bool, len(l.files))
	err = inTurn(len(l.files), func() func(i int) error {
		buf := make([]byte, contentBuffer)
		return func(i int) error {
			f := &l.files[i]
			if f.Reject != "" {
				return nil
			}
			digest, err := contentOf(ctx, sources, f, buf)
			if _, ok := errors.AsType[*pipeline.RejectError](err); ok {
				return nil
			} else if err != nil {
				return err
			}
			f.Content = hex.EncodeToString(digest[:])
			equal[i] = parent.Content != nil && parent.Content(l.sources[f.Source].Name, f.Path, f.Bytes, digest)
			return nil
		}
	})
	if err != nil {
		return 0, err
	}
	i := -1
	l.files = slices.DeleteFunc(l.files, func(pipeline.File) bool {
		if i++; equal[i] {
			skipped++
		}
		return equal[i]
	})
	return skipped, nil
}

// contentBuffer is what is read of a file at once.
const contentBuffer = 1 << 20

// contentOf is the xxh3-128 of a file as it is stored.
func contentOf(ctx context.Context, sources pipeline.Sources, f *pipeline.File, buf []byte) (digest [16]byte, err error) {
	o, err := sources.Open(ctx, f)
	if err != nil {
		return digest, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	h := xxh3.New128()
	for at := int64(0); at < o.Size(); {
		if err := ctx.Err(); err != nil {
			return digest, err
		}
		n, err := o.ReadAt(buf[:min(int64(len(buf)), o.Size()-at)], at)
		_, _ = h.Write(buf[:n]) // a hash never fails
		at += int64(n)
		switch {
		case errors.Is(err, pipeline.ErrUnreachable):
			return digest, err
		case err != nil && !errors.Is(err, io.EOF), n == 0:
			return digest, &pipeline.RejectError{Reason: pipeline.ReasonUnreadable, Err: errors.Join(err, io.ErrUnexpectedEOF)}
		}
	}
	return h.Sum128().Bytes(), nil
}

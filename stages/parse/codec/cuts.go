package codec

import (
	"context"
	"errors"
	"io"
)

// Cut is a place where a decoder can begin: the start of a member or frame.
type Cut struct {
	Stored  int64 // offset in the stored file
	Decoded int64 // offset in the decoded file of the first byte that is decoded from there
}

// Cuttable says whether the first bytes of a file promise that Cuts finds any.
func Cuttable(name string, head []byte) bool {
	switch name {
	case Gzip:
		_, ok := blockSize(head)
		return ok
	case Zstd:
		return true
	}
	return false
}

// Cuts lists places to cut a stored file at, about every so many stored bytes, never at its start. It decodes nothing: a
// place counts only if the file itself says how many bytes are decoded before it, as bgzip's blocks do, the seek table of
// seekable zstd files, and zstd frames that know their content size. Damage just ends the list: whoever reads the file
// finds it. An error is one of the object.
func Cuts(ctx context.Context, name string, object io.ReaderAt, size, every int64) ([]Cut, error) {
	w := &walker{ctx: ctx, object: object, size: size, every: max(every, 1)}
	w.target = w.every
	var err error
	switch name {
	case Gzip:
		err = w.blocks()
	case Zstd:
		if err = w.seekTable(); errors.Is(err, errNoTable) {
			err = w.frames()
		}
	}
	if errors.Is(err, io.EOF) { // of what is no more than damage
		err = nil
	}
	return w.cuts, err
}

// walker goes from member to member of a stored file.
type walker struct {
	ctx    context.Context
	object io.ReaderAt
	size   int64
	every  int64
	target int64 // where the next cut should be
	at     Cut   // the current member
	cuts   []Cut
}

// step moves on to the next member, and cuts before it if that is due.
func (w *walker) step(stored, decoded int64) {
	w.at.Stored += stored
	w.at.Decoded += decoded
	// Not right before the end, and not twice where members hold nothing.
	if w.at.Stored >= w.target && w.at.Stored < w.size && w.at.Decoded > 0 && (len(w.cuts) == 0 || w.at.Decoded > w.cuts[len(w.cuts)-1].Decoded) {
		w.cuts = append(w.cuts, w.at)
		w.target = w.at.Stored + w.every
	}
}

// read fills p from an offset of the file; io.EOF if the file ends before.
func (w *walker) read(p []byte, at int64) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if at > w.size-int64(len(p)) {
		return io.EOF
	}
	n, err := w.object.ReadAt(p, at)
	if n == len(p) {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

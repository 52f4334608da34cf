package rows

import (
	"errors"
	"fmt"
	"io"
)

// input is the bytes of a file. It remembers an error of the reader underneath, which must not pass for damage.
type input struct {
	r    io.ReaderAt
	size int64
	err  error
}

// ReadAt makes an input a reader for others.
func (in *input) ReadAt(p []byte, at int64) (int, error) {
	n, err := in.r.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) && n < len(p) && in.err == nil {
		in.err = err
	}
	return n, err
}

// read fills p.
func (in *input) read(p []byte, at int64) error {
	if n, err := in.ReadAt(p, at); n < len(p) {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("read %d bytes at %d: %w", len(p), at, err)
	}
	return nil
}

// holds says whether the file has n bytes at an offset.
func (in *input) holds(at, n int64) bool {
	return at >= 0 && n >= 0 && at <= in.size && n <= in.size-at
}

// sized returns a slice of n bytes, buf's own where it is large enough.
func sized(buf []byte, n int) []byte {
	if cap(buf) < n {
		return make([]byte, n)
	}
	return buf[:n]
}

package sorted

import (
	"errors"
	"fmt"
	"io"
)

// ErrDamaged says that a file is not what was written.
var ErrDamaged = errors.New("damaged")

// Damaged is an ErrDamaged that says what is wrong with which file.
func Damaged(name, format string, args ...any) error {
	return fmt.Errorf("%s: %w: %s", name, ErrDamaged, fmt.Sprintf(format, args...))
}

// ReadAt fills buf from a file, whole or with an error, which is never io.EOF. name is for errors.
func ReadAt(r io.ReaderAt, name string, buf []byte, at int64) error {
	n, err := r.ReadAt(buf, at)
	if n == len(buf) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read %s: %d of %d bytes at %d: %w", name, n, len(buf), at, err)
}

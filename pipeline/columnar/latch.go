package columnar

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// latch stands between an encoder and the real sink. Encoders are known to lose errors, so it keeps the first one, refuses
// everything after it and lets the owner ask at the end. It counts what went through and has no Close, because encoders
// like to close what they were given.
type latch struct {
	w   io.Writer
	n   int64
	err error
}

// Write passes p on. A short write is an error, and so is a panic of the sink.
func (l *latch) Write(p []byte) (n int, err error) {
	if l.err != nil {
		return 0, l.err
	}
	err = protect("write", func() (err error) {
		n, err = l.w.Write(p)
		return err
	})
	if n < 0 || n > len(p) {
		n, err = 0, errors.Join(err, errors.New("sink returned an invalid count"))
	}
	l.n += int64(n)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	l.err = err
	return n, err
}

// Tell is the number of bytes that went through.
func (l *latch) Tell() int64 { return l.n }

// Seek knows only how to say where it is: what the Arrow file writer asks for.
func (l *latch) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekCurrent {
		return 0, errors.New("the sink is a stream and cannot seek")
	}
	return l.n, nil
}

// protect calls f and makes an error of a panic: the Arrow library panics where it meets the unexpected.
func protect(what string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if cause, ok := p.(error); ok {
				err = fmt.Errorf("%s: panic: %w", what, cause)
			} else {
				err = fmt.Errorf("%s: panic: %v", what, p)
			}
		}
	}()
	return f()
}

// check says whether a column is sound: offsets that start at 0, never fall and end within the data.
func (s *Strings) check(name string) error {
	if len(s.Data) > math.MaxInt32 {
		return fmt.Errorf("column %s has %d bytes, more than 2 GiB", name, len(s.Data))
	}
	last := int32(0)
	for i, o := range s.Offsets {
		if o < last || (i == 0 && o != 0) {
			return fmt.Errorf("column %s: offset %d of value %d is out of order", name, o, i)
		}
		last = o
	}
	if int(last) > len(s.Data) {
		return fmt.Errorf("column %s: values end at %d of %d bytes", name, last, len(s.Data))
	}
	return nil
}

// bytes is the data of all values, without what was appended and not sealed.
func (s *Strings) bytes() []byte {
	if len(s.Offsets) == 0 {
		return nil
	}
	return s.Data[:s.Offsets[len(s.Offsets)-1]]
}

// checkValues is check, with a bound for each value.
func (s *Strings) checkValues(name string) error {
	if err := s.check(name); err != nil {
		return err
	}
	if len(s.Data) <= maxValueBytes {
		return nil
	}
	for i := range s.Len() {
		if n := s.Offsets[i+1] - s.Offsets[i]; n > maxValueBytes {
			return fmt.Errorf("column %s: value %d has %d bytes, more than 1 GiB", name, i, n)
		}
	}
	return nil
}

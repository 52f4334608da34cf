package codec

import (
	"errors"
	"io"
	"math"
)

// sourceBuffer is the size of one read of compressed bytes.
const sourceBuffer = 64 << 10

// Source reads a range of a stored file, buffered, and counts what was taken from it to the byte. Its zero value is not
// usable; one Source serves any number of files, one after the other. Not safe for concurrent use.
type Source struct {
	object   io.ReaderAt
	stream   io.Reader // instead of object
	pos, end int64     // next byte to read from the object; end of the range
	buf      []byte
	r, w     int // buf[r:w] was read and not taken
	err      error
}

// NewSource makes a Source without a file; Reset gives it one.
func NewSource() *Source { return &Source{} }

// Reset starts the range [start, end) of an object.
func (s *Source) Reset(object io.ReaderAt, start, end int64) {
	*s = Source{object: object, pos: start, end: end, buf: s.buf}
}

// ResetStream starts to read a stream. Pos is then the offset in it. Nothing reads from it once it has returned an error.
func (s *Source) ResetStream(r io.Reader) {
	*s = Source{stream: r, end: math.MaxInt64, buf: s.buf}
}

// Pos is the offset in the stored file of the next byte that will be taken.
func (s *Source) Pos() int64 { return s.pos - int64(s.w-s.r) }

// Err is the error of the object itself, as against that of its content; nil if there was none. A file that is shorter
// than it was said to be gives io.ErrUnexpectedEOF.
func (s *Source) Err() error {
	if errors.Is(s.err, io.EOF) {
		return nil
	}
	return s.err
}

// Read implements io.Reader. A large p is filled from the object without a copy.
func (s *Source) Read(p []byte) (int, error) {
	if s.r < s.w {
		n := copy(p, s.buf[s.r:s.w])
		s.r += n
		return n, nil
	}
	if len(p) >= sourceBuffer {
		return s.readAt(p)
	}
	if err := s.fill(); err != nil {
		return 0, err
	}
	n := copy(p, s.buf[s.r:s.w])
	s.r += n
	return n, nil
}

// ReadByte implements io.ByteReader, so that no decoder takes more than it decodes.
func (s *Source) ReadByte() (byte, error) {
	if s.r == s.w {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	b := s.buf[s.r]
	s.r++
	return b, nil
}

// More says whether there is at least one more byte; without an error it means the end.
func (s *Source) More() bool {
	return s.r < s.w || s.fill() == nil
}

func (s *Source) fill() error {
	if s.buf == nil {
		s.buf = make([]byte, sourceBuffer)
	}
	n, err := s.readAt(s.buf)
	s.r, s.w = 0, n
	return err
}

// readAt returns at least one byte or an error, never both.
func (s *Source) readAt(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.pos >= s.end {
		s.err = io.EOF
		return 0, s.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if s.stream != nil {
		return s.readStream(p)
	}
	n, err := s.object.ReadAt(p[:min(int64(len(p)), s.end-s.pos)], s.pos)
	s.pos += int64(n)
	switch {
	case n > 0:
		return n, nil // an error comes again
	case err == nil:
		err = io.ErrNoProgress
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	s.err = err
	return 0, err
}

func (s *Source) readStream(p []byte) (int, error) {
	for range 100 { // as bufio does, against a stream that never gives anything
		n, err := s.stream.Read(p)
		s.pos += int64(n)
		if err != nil {
			s.err = err // after what came with it
		}
		if n > 0 {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
	s.err = io.ErrNoProgress
	return 0, s.err
}

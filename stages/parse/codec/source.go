package codec

import (
	"bufio"
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
	buf      *bufio.Reader
	err      error
	windows  Windows
}

// unbuffered is a Source below its buffer.
type unbuffered struct{ *Source }

func (u unbuffered) Read(p []byte) (int, error) { return u.readAt(p) }

// NewSource makes a Source without a file; Reset gives it one.
func NewSource() *Source { return &Source{} }

// Reset starts the range [start, end) of an object.
func (s *Source) Reset(object io.ReaderAt, start, end int64) {
	s.reset(Source{object: object, pos: start, end: end})
}

// ResetStream starts to read a stream. Pos is then the offset in it. Nothing reads from it once it has returned an error.
func (s *Source) ResetStream(r io.Reader) { s.reset(Source{stream: r, end: math.MaxInt64}) }

func (s *Source) reset(to Source) {
	to.buf, to.windows = s.buf, s.windows
	*s = to
	if s.buf != nil {
		s.buf.Reset(unbuffered{s})
	}
}

// SetWindows bounds the memory of the decoders of this and all later files.
func (s *Source) SetWindows(w Windows) { s.windows = w }

// Pos is the offset in the stored file of the next byte that will be taken.
func (s *Source) Pos() int64 {
	if s.buf == nil {
		return s.pos
	}
	return s.pos - int64(s.buf.Buffered())
}

// Err is the error of the object itself, as against that of its content; nil if there was none. A file that is shorter
// than it was said to be gives io.ErrUnexpectedEOF.
func (s *Source) Err() error {
	if errors.Is(s.err, io.EOF) {
		return nil
	}
	return s.err
}

// Read implements io.Reader. A large p is filled from the object without a copy.
func (s *Source) Read(p []byte) (int, error) { return s.buffer().Read(p) }

// ReadByte implements io.ByteReader, so that no decoder takes more than it decodes.
func (s *Source) ReadByte() (byte, error) { return s.buffer().ReadByte() }

// More says whether there is at least one more byte; without an error it means the end.
func (s *Source) More() bool {
	_, err := s.buffer().Peek(1)
	return err == nil
}

// buffer is the Source as a type that deflate decoders know: they are a third slower where each byte is the call of an
// interface. What is taken from it is taken from the Source.
func (s *Source) buffer() *bufio.Reader {
	if s.buf == nil {
		s.buf = bufio.NewReaderSize(unbuffered{s}, sourceBuffer)
	}
	return s.buf
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

package codec

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
)

func gzipMagic(head []byte) bool {
	return len(head) >= 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8
}

var gzipPool = sync.Pool{New: func() any { return new(gzip.Reader) }}

// gzipStream decodes a gzip file of any number of members (RFC 1952). It walks the members itself, because the library
// takes a header that is cut off for the end of the file, and to see where the file really ends.
type gzipStream struct {
	src *Source
	dec *gzip.Reader
	err error
}

func openGzip(src *Source) (Stream, error) {
	s := &gzipStream{src: src, dec: gzipPool.Get().(*gzip.Reader)}
	s.err = s.member()
	return s, nil
}

// member reads the header of the next member. A file without any is truncated; zeros after the last one are padding.
func (s *gzipStream) member() error {
	err := s.dec.Reset(s.src.buffer())
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("gzip header: %w", err)
	}
	s.dec.Multistream(false)
	return nil
}

func (s *gzipStream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil // for which the library would look for ever
	}
	for s.err == nil {
		n, err := s.dec.Read(p)
		switch {
		case err == nil:
		case !errors.Is(err, io.EOF):
			s.err = fmt.Errorf("gzip: %w", err)
		case s.padding():
			s.err = io.EOF
		default:
			s.err = s.member()
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, s.err
}

// padding says whether nothing but zeros is left, and takes them.
func (s *gzipStream) padding() bool {
	for {
		next, err := s.src.buffer().Peek(1)
		if err != nil {
			return s.src.Err() == nil
		}
		if next[0] != 0 {
			return false
		}
		if _, err := s.src.ReadByte(); err != nil {
			return false
		}
	}
}

func (s *gzipStream) Close() error {
	if s.dec == nil {
		return nil
	}
	gzipPool.Put(s.dec)
	s.dec, s.err = nil, errClosed
	return nil
}

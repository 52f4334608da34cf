package codec

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

var deflatePool sync.Pool

// deflateStream decodes bare deflate data (RFC 1951), as members of zip files are. It has no mark and no checksum.
type deflateStream struct {
	dec io.ReadCloser
	err error
}

func openDeflate(src *Source) (Stream, error) {
	dec, _ := deflatePool.Get().(io.ReadCloser)
	if dec == nil {
		dec = flate.NewReader(src.buffer())
	} else if err := dec.(flate.Resetter).Reset(src.buffer(), nil); err != nil {
		return nil, err
	}
	return &deflateStream{dec: dec}, nil
}

func (s *deflateStream) Read(p []byte) (int, error) {
	if s.err != nil || len(p) == 0 {
		return 0, s.err
	}
	n, err := s.dec.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("deflate: %w", err)
	}
	s.err = err
	if n > 0 {
		return n, nil
	}
	return 0, s.err
}

func (s *deflateStream) Close() error {
	if s.dec != nil {
		deflatePool.Put(s.dec)
	}
	s.dec, s.err = nil, errClosed
	return nil
}

package codec

import (
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

var deflatePool sync.Pool

// deflateStream decodes bare deflate data (RFC 1951), as members of zip files are. It has no mark and no checksum.
type deflateStream struct{ sticky[io.ReadCloser] }

func openDeflate(src *Source) (Stream, error) {
	dec, _ := deflatePool.Get().(io.ReadCloser)
	if dec == nil {
		dec = flate.NewReader(src.buffer())
	} else if err := dec.(flate.Resetter).Reset(src.buffer(), nil); err != nil {
		return nil, err
	}
	return &deflateStream{sticky[io.ReadCloser]{name: Deflate, dec: dec}}, nil
}

func (s *deflateStream) Close() error {
	if s.dec != nil {
		deflatePool.Put(s.dec)
	}
	s.dec, s.err = nil, errClosed
	return nil
}

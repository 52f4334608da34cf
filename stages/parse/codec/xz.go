package codec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/mikelolasagasti/xz"
)

func xzMagic(head []byte) bool { return bytes.HasPrefix(head, []byte("\xFD7zXZ\x00")) }

var xzPools pools

// xzStream decodes any number of streams and the padding between them. A dictionary larger than the limit is refused before
// it is allocated.
type xzStream struct {
	src   *Source
	dec   *xz.Reader
	err   error
	limit int64
}

func openXz(src *Source) (Stream, error) {
	limit := windowOr(src.windows.Xz)
	dec, _ := xzPools.get(limit).(*xz.Reader)
	if dec == nil {
		var err error
		if dec, err = xz.NewReader(nil, uint32(min(limit, math.MaxUint32))); err != nil {
			return nil, err
		}
	}
	s := &xzStream{src: src, dec: dec, limit: limit}
	s.keep(dec.Reset(src))
	return s, nil
}

func (s *xzStream) Read(p []byte) (int, error) {
	if s.err != nil || len(p) == 0 {
		return 0, s.err
	}
	n, err := s.dec.Read(p)
	s.keep(err)
	if n > 0 {
		return n, nil
	}
	return 0, s.err
}

// keep remembers an error, as what it means.
func (s *xzStream) keep(err error) {
	switch {
	case err == nil:
		return
	case errors.Is(err, io.EOF):
		s.err = io.EOF
		return
	case errors.Is(err, xz.ErrBuf) && !s.src.More(): // the decoder waits for bytes that do not come
		err = io.ErrUnexpectedEOF
	case errors.Is(err, xz.ErrMemlimit):
		s.err = windowError(Xz, "a dictionary", "xz_window_bytes", 0, s.limit)
		return
	}
	s.err = fmt.Errorf("xz: %w", err)
}

func (s *xzStream) Close() error {
	if s.dec != nil {
		// Without a stream that it could hold on to.
		if err := s.dec.Reset(bytes.NewReader(nil)); err == nil || errors.Is(err, xz.ErrBuf) {
			xzPools.put(s.limit, s.dec)
		}
	}
	s.dec, s.err = nil, errClosed
	return nil
}

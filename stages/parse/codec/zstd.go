package codec

import (
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

const zstdMark = 0xFD2FB528

// zstdMagic recognises a frame, and a skippable frame, with which seekable and parallel files begin (RFC 8878, 3.1).
func zstdMagic(head []byte) bool {
	m, ok := firstMark(head)
	return ok && (m == zstdMark || m&^0xF == skippableMark)
}

var zstdPool sync.Pool

// zstdStream decodes any number of frames. The decoder is pooled and works on the caller's goroutine.
type zstdStream struct {
	dec *zstd.Decoder
}

func openZstd(src *Source) (Stream, error) {
	dec, _ := zstdPool.Get().(*zstd.Decoder)
	if dec == nil {
		var err error
		dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
	}
	if err := dec.Reset(src); err != nil {
		return nil, err
	}
	return &zstdStream{dec}, nil
}

func (s *zstdStream) Read(p []byte) (int, error) {
	n, err := s.dec.Read(p)
	if errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		err = fmt.Errorf("zstd: %w: %w", errExpansion, err)
	}
	return n, err
}

func (s *zstdStream) Close() error {
	if s.dec == nil {
		return nil
	}
	err := s.dec.Reset(nil)
	if err == nil {
		zstdPool.Put(s.dec)
	}
	s.dec = nil
	return err
}

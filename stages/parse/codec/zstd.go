package codec

import (
	"errors"
	"math"

	"github.com/klauspost/compress/zstd"
)

const zstdMark = 0xFD2FB528

// zstdMagic recognises a frame, and a skippable frame, with which seekable and parallel files begin (RFC 8878, 3.1).
func zstdMagic(head []byte) bool {
	m, ok := firstMark(head)
	return ok && (m == zstdMark || m&^0xF == skippableMark)
}

var zstdPools pools

// zstdStream decodes any number of frames. The decoder is pooled and works on the caller's goroutine.
type zstdStream struct {
	dec   *zstd.Decoder
	limit int64
}

func openZstd(src *Source) (Stream, error) {
	limit := windowOr(src.windows.Zstd)
	var h zstd.Header
	start, _ := src.buffer().Peek(zstd.HeaderMaxSize) // what is missing, the decoder says
	if h.Decode(start) == nil && !h.Skippable && h.WindowSize > uint64(limit) {
		return failed{windowError(Zstd, "a window", "zstd_window_bytes", int64(min(h.WindowSize, math.MaxInt64)), limit)}, nil
	}
	dec, _ := zstdPools.get(limit).(*zstd.Decoder)
	if dec == nil {
		var err error
		dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(uint64(limit)))
		if err != nil {
			return nil, err
		}
	}
	if err := dec.Reset(src); err != nil {
		return nil, err
	}
	return &zstdStream{dec, limit}, nil
}

func (s *zstdStream) Read(p []byte) (int, error) {
	n, err := s.dec.Read(p)
	if errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		err = windowError(Zstd, "a window", "zstd_window_bytes", 0, s.limit)
	}
	return n, err
}

func (s *zstdStream) Close() error {
	if s.dec == nil {
		return nil
	}
	err := s.dec.Reset(nil)
	if err != nil || !zstdPools.put(s.limit, s.dec) {
		s.dec.Close()
	}
	s.dec = nil
	return err
}

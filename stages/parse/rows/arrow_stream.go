package rows

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// Compressions of buffers (Arrow, Message.fbs), and none.
const (
	arrowLZ4          = 0
	arrowZstd         = 1
	arrowUncompressed = -1
)

const spareDecoders = 4

// bufferPool is what the buffers of a record batch share.
type bufferPool struct {
	in     *input
	codec  int
	window int64 // bytes of a buffer that are in memory
	whole  int64 // compressed buffers up to this size are unpacked at once
	limit  int64
	held   int64
	big    []byte  // the last value that was larger than a window
	row    *object // pays for what is unpacked twice
	spare  []*zstd.Decoder
}

func (p *bufferPool) hold(n int64) error {
	if n > p.limit-p.held {
		return fmt.Errorf("%d bytes: %w", n, ErrMemory)
	}
	p.held += n
	return nil
}

// stream is a buffer of a record batch, of which a window is in memory. What is not compressed can be read in any order;
// what is, from front to back, and going back costs starting again.
type stream struct {
	pool   *bufferPool
	at     int64 // in the file
	packed int64 // bytes there
	opened bool
	data   int64     // offset in the file, behind the size
	size   int64     // when it is unpacked
	source io.Reader // nil: not compressed, or in the window as a whole
	base   int64     // of the window in the buffer
	buf    []byte
	ahead  int64 // offset that source is at
	cost   int64 // of pool's memory
}

func (s *stream) empty() bool { return s.packed == 0 }

// slice returns n bytes of the buffer. They are valid until the next call for any stream of the pool.
func (s *stream) slice(at, n int64) ([]byte, error) {
	if !s.opened {
		if err := s.open(); err != nil {
			return nil, err
		}
	}
	if at < 0 || n < 0 || at > s.size || n > s.size-at {
		return nil, fmt.Errorf("%d bytes at %d of a buffer of %d", n, at, s.size)
	}
	if from := at - s.base; from >= 0 && from+n <= int64(len(s.buf)) {
		return s.buf[from : from+n], nil
	}
	if s.source != nil {
		return s.sliceAhead(at, n)
	}
	if n > s.pool.window {
		s.pool.big = sized(s.pool.big, int(n))
		return s.pool.big, s.pool.in.read(s.pool.big, s.data+at)
	}
	if err := s.room(); err != nil {
		return nil, err
	}
	s.base, s.buf = at, s.buf[:min(s.size-at, int64(cap(s.buf)))]
	if err := s.pool.in.read(s.buf, s.data+at); err != nil {
		s.buf = s.buf[:0]
		return nil, err
	}
	return s.buf[:n], nil
}

// room makes the window.
func (s *stream) room() error {
	if s.buf != nil {
		return nil
	}
	n := min(s.pool.window, s.size)
	if err := s.pool.hold(n); err != nil {
		return err
	}
	s.cost += n
	s.buf = make([]byte, 0, n)
	return nil
}

func (s *stream) sliceAhead(at, n int64) ([]byte, error) {
	if at < s.base {
		s.close()
		return s.slice(at, n)
	}
	if err := s.room(); err != nil {
		return nil, err
	}
	keep := s.buf[min(at-s.base, int64(len(s.buf))):]
	out := s.buf[:0:cap(s.buf)]
	if n > int64(cap(s.buf)) {
		s.pool.big = sized(s.pool.big, int(n))
		copy(s.pool.big, keep)
	} else {
		copy(out[:len(keep)], keep)
	}
	if err := s.pass(at); err != nil {
		return nil, err
	}
	have := int64(len(keep))
	if n > int64(cap(s.buf)) {
		if _, err := io.ReadFull(s.source, s.pool.big[have:]); err != nil {
			return nil, unpackError(err)
		}
		s.ahead = at + n
		s.base, s.buf = s.ahead, s.buf[:0]
		return s.pool.big, nil
	}
	s.base, s.buf = at, out[:min(s.size-at, int64(cap(out)))]
	if _, err := io.ReadFull(s.source, s.buf[have:]); err != nil {
		return nil, unpackError(err)
	}
	s.ahead = at + int64(len(s.buf))
	return s.buf[:n], nil
}

// pass unpacks what nobody wants, up to an offset, on the account of the row group.
func (s *stream) pass(at int64) error {
	for s.ahead < at {
		n := min(at-s.ahead, 1<<20)
		s.pool.row.values += n
		if err := s.pool.row.check(); err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, s.source, n); err != nil {
			return unpackError(err)
		}
		s.ahead += n
	}
	return nil
}

func unpackError(err error) error {
	if err == io.EOF { //nolint:errorlint // From readers that return it as it is.
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("unpack a buffer: %w", err)
}

// close gives up the memory; the next slice starts again.
func (s *stream) close() {
	s.pool.held -= s.cost
	*s = stream{pool: s.pool, at: s.at, packed: s.packed}
}

func (s *stream) open() error {
	s.data = s.at
	if s.packed == 0 || s.pool.codec == arrowUncompressed {
		s.size, s.opened = s.packed, true
		return nil
	}
	var head [8]byte
	if s.packed < int64(len(head)) {
		return fmt.Errorf("a compressed buffer of %d bytes", s.packed)
	}
	if err := s.pool.in.read(head[:], s.at); err != nil {
		return err
	}
	s.data += int64(len(head))
	s.size = int64(binary.LittleEndian.Uint64(head[:]))
	var err error
	switch {
	case s.size == -1: // not compressed, it did not pay
		s.size = s.packed - int64(len(head))
	case s.size < 0:
		err = fmt.Errorf("a buffer of %d bytes", s.size)
	case s.size == 0:
	default:
		if err = s.unpackAhead(); err == nil && s.size <= s.pool.whole {
			err = s.finish()
		}
	}
	s.opened = err == nil
	return err
}

// finish unpacks a small buffer as a whole, and drops the decoder.
func (s *stream) finish() error {
	if err := s.pool.hold(s.size); err != nil {
		return err
	}
	s.buf = make([]byte, s.size)
	if _, err := io.ReadFull(s.source, s.buf); err != nil {
		return unpackError(err)
	}
	if d, ok := s.source.(*zstd.Decoder); ok && len(s.pool.spare) < spareDecoders {
		s.pool.spare = append(s.pool.spare, d)
	}
	s.pool.held -= s.cost
	s.source, s.cost = nil, s.size
	return nil
}

// unpackAhead starts to unpack a buffer from front to back, after a look at what the decoder will need.
func (s *stream) unpackAhead() error {
	length := s.at + s.packed - s.data
	head := make([]byte, min(length, zstd.HeaderMaxSize))
	if err := s.pool.in.read(head, s.data); err != nil {
		return err
	}
	packed := io.NewSectionReader(s.pool.in, s.data, length)
	need := int64(0)
	if s.pool.codec == arrowLZ4 {
		if len(head) < 7 || !bytes.HasPrefix(head, []byte{0x04, 0x22, 0x4D, 0x18}) {
			return errors.New("a buffer that is not LZ4")
		}
		need = 3 << (8 + 2*(head[5]>>4&7)) // two blocks, and what they refer to
	} else {
		var h zstd.Header
		if err := h.Decode(head); err != nil {
			return fmt.Errorf("unpack a buffer: %w", err)
		}
		window := h.WindowSize
		if h.SingleSegment {
			window = h.FrameContentSize
		}
		if window > 1<<40 {
			return fmt.Errorf("a window of %d bytes: %w", window, ErrMemory)
		}
		need = max(int64(window), zstd.MinWindowSize)
	}
	const rest = 256 << 10 // of the decoders themselves
	if err := s.pool.hold(need + rest); err != nil {
		return err
	}
	s.cost += need + rest
	if s.pool.codec == arrowLZ4 {
		z := lz4.NewReader(packed)
		if err := z.Apply(lz4.ConcurrencyOption(1)); err != nil {
			return err
		}
		s.source = z
		return nil
	}
	z, err := s.pool.decoder(packed, uint64(need))
	if err != nil {
		return fmt.Errorf("unpack a buffer: %w", err)
	}
	s.source = z
	return nil
}

// decoder returns a decoder that refuses windows larger than the one that was paid for.
func (p *bufferPool) decoder(packed io.Reader, window uint64) (*zstd.Decoder, error) {
	if n := len(p.spare); n > 0 {
		d := p.spare[n-1]
		p.spare = p.spare[:n-1]
		return d, d.ResetWithOptions(packed, zstd.WithDecoderMaxWindow(window))
	}
	return zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(window))
}

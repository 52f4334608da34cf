package fasttext

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
)

// reader reads numbers, and knows where it is. After the first error it returns zeros.
type reader struct {
	from         *bufio.Reader
	digest       hash.Hash
	offset, size int64
	err          error
	scratch      [chunk]byte
}

const chunk = 64 << 10

func newReader(from io.Reader, size int64) *reader {
	digest := sha256.New()
	return &reader{from: bufio.NewReaderSize(io.TeeReader(from, digest), chunk), digest: digest, size: size}
}

func (r *reader) left() int64 { return r.size - r.offset }

// fail notes the first error.
func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("no fastText model: at byte %d: %s", r.offset, fmt.Sprintf(format, args...))
	}
}

// has says whether n items of size bytes each can follow. Whoever allocates for what a file announces asks first.
func (r *reader) has(n int64, size int64, what string) bool {
	switch {
	case r.err != nil:
	case n < 0:
		r.fail("%d as the number of %s", n, what)
	case n > r.left()/size:
		r.fail("%d %s are announced, %d bytes are left", n, what, r.left())
	}
	return r.err == nil
}

// next returns the next n bytes, at most a chunk of them, until the next call.
func (r *reader) next(n int, what string) []byte {
	b := r.scratch[:n]
	if r.err == nil && int64(n) > r.left() {
		r.fail("the file ends in %s", what)
	}
	if r.err == nil {
		if _, err := io.ReadFull(r.from, b); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			r.fail("the file ends in %s", what)
		} else if err != nil {
			r.err = fmt.Errorf("at byte %d: %w", r.offset, err)
		}
	}
	if r.err != nil {
		clear(b)
		return b
	}
	r.offset += int64(n)
	return b
}

func (r *reader) int32(what string) int32 {
	return int32(binary.LittleEndian.Uint32(r.next(4, what)))
}

func (r *reader) int64(what string) int64 {
	return int64(binary.LittleEndian.Uint64(r.next(8, what)))
}

func (r *reader) boolean(what string) bool {
	b := r.next(1, what)[0]
	if b > 1 {
		r.fail("%d for %s, which is 0 or 1", b, what)
	}
	return b == 1
}

// bytes reads n bytes.
func (r *reader) bytes(n int64, what string) []byte {
	if !r.has(n, 1, what) {
		return nil
	}
	b := make([]byte, 0, n)
	for r.err == nil && int64(len(b)) < n {
		b = append(b, r.next(int(min(chunk, n-int64(len(b)))), what)...)
	}
	return b
}

// floats reads n numbers, none of which may be infinite or none at all.
func (r *reader) floats(n int64, what string) []float32 {
	if !r.has(n, 4, what) {
		return nil
	}
	x := make([]float32, 0, n)
	for r.err == nil && int64(len(x)) < n {
		b := r.next(int(min(chunk, (n-int64(len(x)))*4)), what)
		for ; len(b) > 0; b = b[4:] {
			v := binary.LittleEndian.Uint32(b)
			if v>>23&0xFF == 0xFF {
				r.fail("%v among %s", math.Float32frombits(v), what)
				break
			}
			x = append(x, math.Float32frombits(v))
		}
	}
	return x
}

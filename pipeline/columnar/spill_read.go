package columnar

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/zeebo/xxh3"
)

// Spill is an open spill. It is safe for concurrent use, with a batch for each caller, if its ReaderAt is.
type Spill struct {
	r     io.ReaderAt
	index spillIndex
}

// OpenSpill reads and checks the head of a spill and the block index at its end: a spill that was cut anywhere, or of
// another schema, is refused. Blocks are verified when they are read.
func OpenSpill(r io.ReaderAt, size int64) (*Spill, error) {
	head, err := spillHead()
	if err != nil {
		return nil, err
	}
	if size < int64(len(head)+spillEndBytes+spillFootBytes) {
		return nil, fmt.Errorf("%d bytes are too few for a spill", size)
	}
	foot := make([]byte, spillFootBytes)
	if err := readAt(r, foot, size-int64(len(foot))); err != nil {
		return nil, err
	}
	indexBytes, err := spillIndexBytes(foot, size)
	if err != nil {
		return nil, err
	}
	end := size - indexBytes - spillEndBytes
	if end < int64(len(head)) {
		return nil, errors.New("the index of the spill overlaps its head")
	}
	tail := make([]byte, spillEndBytes+indexBytes)
	if err := readAt(r, tail, end); err != nil {
		return nil, err
	}
	if le := binary.LittleEndian; le.Uint32(tail) != 0xFFFFFFFF || le.Uint32(tail[4:]) != 0 {
		return nil, errors.New("the end mark of the spill is missing")
	}
	s := &Spill{r: r}
	if err := s.index.decode(tail[spillEndBytes:], int64(len(head)), end); err != nil {
		return nil, err
	}
	found := make([]byte, len(head))
	if err := readAt(r, found, 0); err != nil {
		return nil, err
	}
	if !bytes.Equal(found, head) {
		return nil, errors.New("the head of the spill is damaged, or of another schema")
	}
	return s, nil
}

// Blocks is the number of blocks.
func (s *Spill) Blocks() int { return len(s.index.blocks) }

// Rows is the number of rows of a block.
func (s *Spill) Rows(block int) int { return int(s.index.blocks[block].rows) }

// TotalRows is the number of rows of the spill.
func (s *Spill) TotalRows() int64 { return s.index.rows() }

// Digest is the digest of the content, as SpillWriter.Finish returned it. It is not verified against the blocks.
func (s *Spill) Digest() string { return hexDigest(s.index.digest) }

// scratch holds bytes for the length of one call.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

// Read replaces the content of b by a block. Its checksums are verified: that of the numbers before they are decoded, that of the
// strings by them. The columns are b's own: nothing else refers to their memory. After an error b is empty.
func (s *Spill) Read(block int, b *Batch) error {
	b.Reset()
	if err := s.read(&s.index.blocks[block], b); err != nil {
		b.Reset()
		return fmt.Errorf("block %d of the spill: %w", block, err)
	}
	return nil
}

func (s *Spill) read(k *spillBlock, b *Batch) error {
	buf := scratch.Get().(*[]byte)
	defer scratch.Put(buf)
	metadata := k.length - k.body()
	before := metadata + k.numbers()
	behind := k.length - before - k.text
	*buf = resize(*buf, int(before+behind))
	head, tail := (*buf)[:before], (*buf)[before:]
	b.Text.Data = resize(b.Text.Data, int(k.text))
	at := k.offset
	for _, part := range [][]byte{head, b.Text.Data, tail} {
		if err := readAt(s.r, part, at); err != nil {
			return err
		}
		at += int64(len(part))
	}
	end := padded(k.text) - k.text + padded(4*(k.rows+1)) // of the numbers behind the texts, where metadata begins
	var frame xxh3.Hasher
	for _, part := range [][]byte{head, tail[:end], tail[end+k.meta:]} {
		_, _ = frame.Write(part) // a hash never fails
	}
	if frame.Sum64() != k.frame {
		return errMismatch
	}

	rows := int(k.rows)
	numbers := buffers(head[metadata:])
	b.File = resize(b.File, rows)
	numbers.next(arrow.Int32Traits.CastToBytes(b.File))
	b.Offset = resize(b.Offset, rows)
	numbers.next(arrow.Int64Traits.CastToBytes(b.Offset))
	if k.chars {
		b.Chars = resize(b.Chars, rows)
		numbers.next(arrow.Int32Traits.CastToBytes(b.Chars))
	} else {
		numbers = numbers[padded(4*k.rows):]
	}
	b.Text.Offsets = resize(b.Text.Offsets, rows+1)
	numbers.next(arrow.Int32Traits.CastToBytes(b.Text.Offsets))

	rest := buffers(tail[padded(k.text)-k.text:])
	b.Meta.Offsets = resize(b.Meta.Offsets, rows+1)
	rest.next(arrow.Int32Traits.CastToBytes(b.Meta.Offsets))
	b.Meta.Data = resize(b.Meta.Data, int(k.meta))
	rest.next(b.Meta.Data)
	if err := errors.Join(b.Text.check("text"), b.Meta.check("meta")); err != nil {
		return err
	}
	*buf = appendHashes((*buf)[:0], b)
	if xxh3.Hash(*buf) != k.strings {
		return errMismatch
	}
	return nil
}

var errMismatch = errors.New("checksum mismatch")

// Text appends the text of one row of a block to dst. It reads no more than that, so no checksum is verified: the caller
// compares the text with a hash of its own.
func (s *Spill) Text(block, row int, dst []byte) ([]byte, error) {
	k := &s.index.blocks[block]
	if row < 0 || int64(row) >= k.rows {
		return dst, fmt.Errorf("block %d of the spill has %d rows, no row %d", block, k.rows, row)
	}
	body := k.offset + k.length - k.body()
	var ends [8]byte
	if err := readAt(s.r, ends[:], body+2*padded(4*k.rows)+padded(8*k.rows)+4*int64(row)); err != nil {
		return dst, fmt.Errorf("block %d of the spill: %w", block, err)
	}
	from, end := int64(binary.LittleEndian.Uint32(ends[:])), int64(binary.LittleEndian.Uint32(ends[4:]))
	if from > end || end > k.text {
		return dst, fmt.Errorf("block %d of the spill: row %d has the text %d to %d of %d bytes", block, row, from, end, k.text)
	}
	at := len(dst)
	dst = slices.Grow(dst, int(end-from))[:at+int(end-from)]
	if err := readAt(s.r, dst[at:], body+k.numbers()+from); err != nil {
		return dst[:at], fmt.Errorf("block %d of the spill: %w", block, err)
	}
	return dst, nil
}

// Places replaces the content of b by the files and offsets of a block's rows, and nothing else of them. It reads no more than that, so
// no checksum is verified: the caller compares each row with a digest of its own, such as its document's id.
func (s *Spill) Places(block int, b *Batch) error {
	b.Reset()
	k := &s.index.blocks[block]
	buf := scratch.Get().(*[]byte)
	defer scratch.Put(buf)
	*buf = resize(*buf, int(padded(4*k.rows)+8*k.rows))
	if err := readAt(s.r, *buf, k.offset+k.length-k.body()); err != nil {
		return fmt.Errorf("block %d of the spill: %w", block, err)
	}
	rows := int(k.rows)
	b.File = resize(b.File, rows)
	copy(arrow.Int32Traits.CastToBytes(b.File), *buf)
	b.Offset = resize(b.Offset, rows)
	copy(arrow.Int64Traits.CastToBytes(b.Offset), (*buf)[padded(4*k.rows):])
	return nil
}

// buffers is the rest of the body of a message: buffers one behind the other, each padded.
type buffers []byte

// next copies the next buffer, which is as long as column.
func (x *buffers) next(column []byte) {
	copy(column, *x)
	*x = (*x)[padded(int64(len(column))):]
}

// resize returns a slice of n values of which none is meant to be kept, with room for more where it had too little: growing it would copy
// what it had.
func resize[T any](column []T, n int) []T {
	if cap(column) >= n {
		return column[:n]
	}
	return make([]T, n, n+n/4)
}

// readAt fills p from the file.
func readAt(r io.ReaderAt, p []byte, offset int64) error {
	n, err := r.ReadAt(p, offset)
	if n == len(p) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read %d bytes at %d: %w", len(p), offset, err)
}

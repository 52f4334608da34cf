package jsonl

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/pipeline"
)

const (
	pieceRows  = 4096    // lines of a piece, at most
	pieceBytes = 8 << 20 // of a piece, but for its last line
	maxWindow  = 8 << 20 // that the encoder looks back to, at every level
	bufferSize = 256 << 10
)

// lines gives the lines of a file in pieces, on the goroutine of the caller. Memory is a piece, at least one line, and the window.
type lines struct {
	zstd  *zstd.Decoder
	r     *bufio.Reader
	piece []byte
	ends  []int // of the lines in piece, where their line feed is
}

// unpack starts to decompress a file.
func unpack(r io.ReaderAt, size int64) (*zstd.Decoder, error) {
	packed := bufio.NewReaderSize(io.NewSectionReader(r, 0, size), bufferSize)
	return zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
}

func openLines(r io.ReaderAt, size int64) (*lines, error) {
	dec, err := unpack(r, size)
	if err != nil {
		return nil, err
	}
	return &lines{zstd: dec, r: bufio.NewReaderSize(dec, bufferSize)}, nil
}

// next reads a piece. io.EOF says that the file ended before.
func (l *lines) next() error {
	l.piece, l.ends = l.piece[:0], l.ends[:0]
	for len(l.ends) < pieceRows && len(l.piece) < pieceBytes {
		err := l.line()
		if errors.Is(err, io.EOF) && len(l.ends) > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *lines) line() error {
	for start := len(l.piece); ; {
		part, err := l.r.ReadSlice('\n')
		l.piece = append(l.piece, part...)
		switch {
		case len(l.piece)-start > maxLine:
			return errors.New("a line of more than 1 GiB")
		case err == nil:
			l.ends = append(l.ends, len(l.piece)-1)
			return nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(l.piece) > start:
			return errors.New("the last line has no end")
		default:
			return err
		}
	}
}

// each yields the lines of the piece, without their ends.
func (l *lines) each(yield func(i int, line []byte) bool) {
	start := 0
	for i, end := range l.ends {
		if !yield(i, l.piece[start:end]) {
			return
		}
		start = end + 1
	}
}

func (l *lines) close() { l.zstd.Close() }

// check decompresses a file that was just written, whose frame has a checksum, and counts its lines.
func check(o pipeline.Object, rows int64) error {
	dec, err := unpack(o, o.Size())
	if err != nil {
		return err
	}
	defer dec.Close()
	buf, n, last := make([]byte, bufferSize), int64(0), byte('\n')
	for {
		k, err := dec.Read(buf)
		if k > 0 {
			n += int64(bytes.Count(buf[:k], []byte{'\n'}))
			last = buf[k-1]
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if last != '\n' || n != rows {
		return fmt.Errorf("it has %d lines, %d were written", n, rows)
	}
	return nil
}

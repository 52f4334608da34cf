package parse

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// stream is what a framer reads: the decoded bytes of a piece, of which it may look at as many as it needs at a time. A
// format that has to read here and there, as one with an index at its end does, finds the stored file in piece.object and
// its own range in piece.start and piece.end.
type stream struct {
	piece *piece
	cfg   *Config
	buf   []byte
	at    int   // buf[at:] was read and not taken
	base  int64 // offset of buf[0] in the decoded file
	ended bool  // all of the decoded file was read

	warc    *warcFramer                           // memory of the framer of web archives, whose pieces are many
	observe func(p *pages, reason, detail string) // of that: see pages
}

func (in *stream) reset(p *piece, cfg *Config) {
	*in = stream{piece: p, cfg: cfg, buf: in.buf[:0], base: p.pos, warc: in.warc, observe: in.observe}
}

// release keeps the memory for the next piece, unless it has grown.
func (in *stream) release() {
	if in.piece, in.buf = nil, in.buf[:0]; cap(in.buf) > 4*tailBytes {
		in.buf = nil
	}
}

// ahead is what was read and not taken. It is good until more.
func (in *stream) ahead() []byte { return in.buf[in.at:] }

// take moves on by n bytes.
func (in *stream) take(n int) { in.at += n }

// offset is where ahead begins in the decoded file.
func (in *stream) offset() int64 { return in.base + int64(in.at) }

// more reads on behind ahead, more at a time the longer that is: at least one byte, or an error, which is io.EOF behind the
// last one.
func (in *stream) more(ctx context.Context) error {
	if in.ended {
		return io.EOF
	}
	in.base += int64(in.at)
	in.buf = in.buf[:copy(in.buf, in.buf[in.at:])]
	in.at = 0
	in.buf = grow(in.buf, max(tailBytes, len(in.buf)))
	n, err := in.piece.read(ctx, in.buf[len(in.buf):cap(in.buf)])
	in.buf = in.buf[:len(in.buf)+n]
	in.ended = errors.Is(err, io.EOF)
	return err
}

// need reads until there are n bytes ahead, or all that are left.
func (in *stream) need(ctx context.Context, n int) error {
	for len(in.ahead()) < n {
		if err := in.more(ctx); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// skipBOM takes the mark at the start of a file.
func (in *stream) skipBOM(ctx context.Context) error {
	if in.offset() != 0 {
		return nil
	}
	if err := in.need(ctx, len(bom)); err != nil {
		return err
	}
	if bytes.HasPrefix(in.ahead(), []byte(bom)) {
		in.take(len(bom))
	}
	return nil
}

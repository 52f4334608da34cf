package parse

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/charset"
	"github.com/millrace/millrace/stages/parse/codec"
)

// Line says in which line of the decoded text of a file of the plan an offset lies, from 1 on. It is 0
// for formats whose offsets are not of a text: containers, tables and web archives. It reads the file up to there; one that
// ends before is io.ErrUnexpectedEOF.
func (fs Formats) Line(ctx context.Context, in ingest.Input, file int, offset int64) (line int64, err error) {
	f := &in.Plan.Files[file]
	if isContainer(f.Format) || isStored(f.Format) || f.Format == WARC || f.Numbered {
		return 0, nil
	}
	whole := ingest.Piece{File: file, End: f.Bytes}
	p, err := openPiece(ctx, fs.cfg.ofFile(in.Plan, file), in, whole, codec.NewSource(), new(charset.Reader))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	buf := make([]byte, lineBuffer)
	for line = 1; offset > 0; {
		n, err := p.read(ctx, buf[:min(offset, lineBuffer)])
		line += int64(bytes.Count(buf[:n], []byte("\n")))
		offset -= int64(n)
		if errors.Is(err, io.EOF) && offset > 0 {
			return 0, io.ErrUnexpectedEOF
		}
		if err != nil && offset > 0 {
			return 0, err
		}
	}
	return line, nil
}

// lineBuffer is what is read at once.
const lineBuffer = 64 << 10

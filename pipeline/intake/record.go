package intake

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

const (
	headChars = 80
	// headWithin is how much decoded text is read to find a record of a file that cannot be entered in its middle.
	headWithin = 32 << 20
)

// openPiece opens the raw records of a piece of a file of the plan, whatever its splits are.
func openPiece(ctx context.Context, formats Formats, in ingest.Input, piece ingest.Piece) (pipeline.Reader, error) {
	one := *in.Plan
	one.Splits = []ingest.Split{{Pieces: []ingest.Piece{piece}}}
	return formats.Open(ctx, ingest.Input{Plan: &one, Sources: in.Sources}, 0)
}

// RecordHead is the beginning of a record as it lies in its file, on one line, "" if it is not found within bounds.
func RecordHead(ctx context.Context, formats Formats, in ingest.Input, file int, offset int64) (head string, err error) {
	f := &in.Plan.Files[file]
	piece := ingest.Piece{File: file, End: f.Bytes}
	if f.Compression == "" && f.Encoding == "" && (f.Document == "line" || f.Document == "blank_line") {
		piece.Start = offset // its record begins there: no need to read what comes before
	}
	text, err := textAt(ctx, formats, in, piece, nil, offset, headWithin)
	if errors.Is(err, io.EOF) {
		return "", nil
	}
	return oneLine(text), err
}

// textAt returns the text at an offset of a piece of a file, once it has gone through stages; io.EOF if so many bytes of text hold none.
func textAt(ctx context.Context, formats Formats, in ingest.Input, piece ingest.Piece, stages []pipeline.Stage, offset int64, within int) (text []byte, err error) {
	reader, err := openPiece(ctx, formats, in, piece)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	for read := 0; read < within; {
		b := &columnar.Batch{}
		if err := reader.Read(ctx, b); err != nil {
			return nil, err
		}
		read += len(b.Text.Data)
		if b, err = pipeline.ProcessAll(ctx, stages, b); err != nil {
			return nil, err
		}
		if i := slices.Index(b.Offset, offset); i >= 0 {
			return b.Text.At(i), nil
		}
	}
	return nil, io.EOF
}

// oneLine is the beginning of a text without line ends and other signs that a terminal would obey.
func oneLine(t []byte) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.ToValidUTF8(string(t[:min(len(t), 8*headChars)]), "\uFFFD") {
		if n++; n > headChars {
			b.WriteString(" …")
			break
		}
		if unicode.IsControl(r) {
			r = ' '
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

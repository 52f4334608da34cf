package parse

import (
	"context"
	"errors"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/codec"
)

// lookBehind is how far a reader that starts in the middle of a file looks back to see what it stands behind: further than
// a blank line goes. A piece of a compressed file cannot look back, so what begins in its first bytes belongs to the piece
// before, which reads on so far.
const lookBehind = maxBlank + 1

// Cut cuts a compressed file of the plan into pieces of about so many stored bytes. It returns nil if the file has no place to
// cut. A file that cannot be opened is a *pipeline.RejectError.
func (Formats) Cut(ctx context.Context, in ingest.Input, file int, size int64) (pieces []ingest.Piece, err error) {
	f := &in.Plan.Files[file]
	object, err := in.Open(ctx, file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, object.Close()) }()
	cuts, err := findCuts(ctx, f, object, size)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, &pipeline.RejectError{Reason: pipeline.ReasonUnreadable, Err: err}
	}
	if len(cuts) == 0 {
		return nil, nil
	}
	at := ingest.Piece{File: file}
	for _, c := range cuts {
		at.End, at.To = c.Stored, c.Decoded
		pieces = append(pieces, at)
		at.Start, at.From = c.Stored, c.Decoded
	}
	at.End, at.To = f.Bytes, 0
	return append(pieces, at), nil
}

func findCuts(ctx context.Context, f *ingest.File, object pipeline.Object, size int64) (cuts []codec.Cut, err error) {
	if !f.Numbered {
		return codec.Cuts(ctx, f.Compression, object, f.Bytes, size)
	}
	starts, err := codec.FindMembers(ctx, object, f.Bytes, size)
	for _, at := range starts {
		cuts = append(cuts, codec.Cut{Stored: at})
	}
	return cuts, err
}

package intake

import (
	"context"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

const previewChars = 300

// sampled is the beginning of a file's first record and of the document it becomes, or why there is none.
type sampled struct{ before, after, reject, detail string }

// sample reads the first batch of a file and takes its first document through parse and normalize.
func (o *Options) sample(ctx context.Context, in ingest.Input, file int) (s sampled, err error) {
	reader, err := openPiece(ctx, o.Formats, in, ingest.Piece{File: file, End: in.Plan.Files[file].Bytes})
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	b := &columnar.Batch{}
	if err := reader.Read(ctx, b); errors.Is(err, io.EOF) {
		return s, nil
	} else if err != nil {
		return s, err
	}
	if b.Len() > 0 {
		s.before = excerpt(b.Text.At(0))
	}
	stages, err := o.Text(ctx, in.Job())
	if err != nil {
		return s, err
	}
	if b, err = pipeline.ProcessAll(ctx, stages, b); err != nil {
		return s, err
	}
	switch {
	case b.Len() > 0:
		s.after = excerpt(b.Text.At(0))
	case len(b.Rejects) > 0:
		s.reject, s.detail = b.Rejects[0].Reason, b.Rejects[0].Detail
	}
	return s, nil
}

// excerpt is the beginning of a text, at most previewChars code points.
func excerpt(t []byte) string {
	return pipeline.FirstChars(string(t[:min(len(t), utf8.UTFMax*previewChars)]), previewChars)
}

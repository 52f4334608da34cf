package parse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// whole reads the current piece, a whole file, as one record. Nothing of a damaged file is kept, because what is left of
// it is not the document.
func (r *reader) whole(ctx context.Context, b *columnar.Batch) error {
	p := r.cur
	limit := r.cfg.MaxDocumentBytes
	tooLarge := &damageError{
		reason: ingest.ReasonTooLarge,
		detail: fmt.Sprintf("one document of more than %d bytes; set document: line or blank_line", limit),
	}
	if p.plain && p.end-p.start > limit {
		return tooLarge
	}
	data := b.Text.Data
	start, room := len(data), chunkBytes
	if p.plain {
		room = int(p.end-p.start) + 1 // one for the read that finds the end
	}
	for {
		data = grow(data, room)
		n, err := p.read(ctx, data[len(data):len(data)+room])
		data = data[:len(data)+n]
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if int64(len(data)-start) > limit {
			return tooLarge
		}
		room = chunkBytes
		if p.plain {
			room = int(p.end-p.pos) + 1
		}
	}
	offset := int64(0)
	if bytes.HasPrefix(data[start:], []byte(bom)) {
		data = append(data[:start], data[start+len(bom):]...)
		offset = int64(len(bom))
	}
	b.Text.Data = data
	appendRow(b, p.file, offset)
	return nil
}

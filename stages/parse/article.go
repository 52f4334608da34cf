package parse

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// articleFramer puts lines together that have the id of the same article in front. Blank lines only separate; a line
// without an id goes on with the article, or begins a document of its own behind a blank line.
type articleFramer struct {
	in    *stream
	begun bool
	id    []byte
}

// idLine is what the framer must see of a line: an id, or that it is blank.
const idLine = maxBlank

func (f *articleFramer) next(ctx context.Context, rec *rawRecord) error {
	if !f.begun {
		if err := f.in.skipBOM(ctx); err != nil {
			return err
		}
		f.begun = true
	}
	start, limit := len(rec.text), f.in.cfg.MaxDocumentBytes
	size, end, open, gap := int64(0), int64(0), false, false
	for {
		if err := f.in.need(ctx, idLine+1); err != nil {
			return err
		}
		line := f.in.ahead()
		if len(line) == 0 {
			if !open {
				return io.EOF
			}
			break
		}
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		if isBlank(line) {
			f.in.take(len(line))
			gap = true
			continue
		}
		id := articleID(line)
		switch {
		case !open:
			open = true
			rec.offset = f.in.offset()
			f.id = append(f.id[:0], id...)
		case len(id) > 0 && !bytes.Equal(id, f.id), len(id) == 0 && gap:
			return f.seal(rec, start, size, end)
		}
		gap = false
		n, err := f.line(ctx, rec, limit-size)
		if err != nil {
			return err
		}
		size += n
		end = f.in.offset()
		if size > limit {
			rec.text = rec.text[:start]
		}
	}
	return f.seal(rec, start, size, end)
}

// line takes a line and appends as much of it as fits.
func (f *articleFramer) line(ctx context.Context, rec *rawRecord, room int64) (size int64, err error) {
	for {
		data := f.in.ahead()
		n := len(data)
		i := bytes.IndexByte(data, '\n')
		if i >= 0 {
			n = i + 1
		}
		if size += int64(n); size <= room {
			rec.text = append(rec.text, data[:n]...)
		}
		f.in.take(n)
		if i >= 0 {
			return size, nil
		}
		if err := f.in.more(ctx); errors.Is(err, io.EOF) {
			return size, nil
		} else if err != nil {
			return size, err
		}
	}
}

func (f *articleFramer) seal(rec *rawRecord, start int, size, end int64) error {
	if limit := f.in.cfg.MaxDocumentBytes; size > limit {
		rec.text = rec.text[:start]
		return tooLarge(rec.offset, end-rec.offset, limit)
	}
	if len(f.id) > 0 {
		rec.meta = append(append(append(rec.meta, `{"id":"`...), f.id...), `"}`...)
	}
	return nil
}

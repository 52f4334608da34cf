package parse

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// framer finds the records of one open piece, one after the other, where these are no lines. It belongs to the reader of
// the piece, is used by one goroutine, and is dropped with the piece; one that holds more than memory is an io.Closer, and
// closed first. Its memory is bounded by the longest record that is allowed.
type framer interface {
	// next appends the next record to rec. A *recordError rejects this record, a *partError a part of the file, and there may
	// be more behind it; io.EOF is the end; *restError and *damageError reject what is left of the file. Every other error
	// means that another attempt may do better. What was appended counts only if the error is nil.
	next(ctx context.Context, rec *rawRecord) error
}

// rawRecord is what a framer makes.
type rawRecord struct {
	text   []byte         // appended to: what the format's decode gets, once it is valid UTF-8
	meta   []byte         // appended to, if the record has metadata that decode does not make: a JSON object of valid UTF-8
	offset int64          // where the record starts in the decoded file
	page   *columnar.Page // what was taken of a web page, if its article was looked for; valid until the next record

	counters *columnar.Counters // of the batch, for what there is to count
}

// recordError rejects one record.
type recordError struct {
	offset, bytes  int64 // in the decoded file
	reason, detail string
}

func (e *recordError) Error() string { return e.reason + ": " + e.detail }

// partError rejects a part of the file of which nobody knows what records it holds; there may be more behind it. Its offset
// and bytes are those of the stored file.
type partError struct{ recordError }

// restError rejects the file from an offset on.
type restError struct {
	offset         int64 // in the decoded file
	reason, detail string
}

func (e *restError) Error() string { return e.reason + ": " + e.detail }

// tooLarge rejects a record that is longer than max_document_bytes.
func tooLarge(offset, bytes, limit int64) error {
	return &recordError{offset, bytes, ingest.ReasonTooLarge, fmt.Sprintf("more than %d bytes", limit)}
}

// frames moves records of the current piece into the batch until that is full, or done says that the piece is at its end.
func (r *reader) frames(ctx context.Context, b *columnar.Batch) (done bool, err error) {
	if r.framer == nil {
		f := formatByName(r.cur.format)
		if f == nil || f.frame == nil {
			return false, pipeline.Permanent(fmt.Errorf("no way to read document: %s of %s", r.cur.rule, r.in.Plan.Files[r.cur.file].Path))
		}
		r.stream.reset(r.cur, &r.cfg)
		r.framer = f.frame(&r.stream)
	}
	for !full(b) {
		rec := &r.rec
		*rec = rawRecord{text: b.Text.Data, meta: b.Meta.Data, counters: &b.Counters}
		textEnd, metaEnd := len(rec.text), len(rec.meta)
		err := r.framer.next(ctx, rec)
		b.Text.Data, b.Meta.Data = rec.text, rec.meta
		if err != nil {
			b.Text.Data, b.Meta.Data = rec.text[:textEnd], rec.meta[:metaEnd]
			bad, ok := errors.AsType[*recordError](err)
			scope := columnar.ScopeDocument
			if part, found := errors.AsType[*partError](err); found {
				bad, ok, scope = &part.recordError, true, columnar.ScopeFile
			}
			if ok {
				b.Rejects = append(b.Rejects, columnar.Reject{
					File: r.cur.file, Scope: scope, Offset: bad.offset, Bytes: bad.bytes,
					Reason: bad.reason, Detail: clip(bad.detail),
				})
				continue
			}
			return endOfFrames(r.cur, b, err)
		}
		if len(rec.meta) > metaEnd && len(b.Meta.Offsets) == 0 {
			b.Meta.Offsets = append(b.Meta.Offsets, make([]int32, b.Len()+1)...) // the rows so far have none
		}
		if rec.page != nil {
			rec.page.Row = b.Len()
			b.Pages = append(b.Pages, *rec.page)
		}
		appendRow(b, r.cur.file, rec.offset)
	}
	return false, nil
}

func endOfFrames(p *piece, b *columnar.Batch, err error) (done bool, _ error) {
	if rest, ok := errors.AsType[*restError](err); ok {
		reject := p.reject(&damageError{reason: rest.reason, detail: rest.detail})
		reject.Offset = rest.offset
		switch {
		case p.plain:
			reject.Bytes = max(1, p.end-rest.offset)
		case p.member == nil:
			reject.Bytes = min(reject.Bytes+p.readFor(p.pos-rest.offset), p.track.end-p.storedStart)
		}
		b.Rejects = append(b.Rejects, reject)
		return true, nil
	}
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	return false, err
}

func (r *reader) closeFramer() error {
	f := r.framer
	r.framer, r.rec = nil, rawRecord{}
	r.stream.release()
	if c, ok := f.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

package parse

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/charset"
	"github.com/millrace/millrace/stages/parse/codec"
	"github.com/millrace/millrace/stages/parse/markup"
	"github.com/millrace/millrace/stages/parse/warc"
)

// warcFormat is a web archive: WARC, the WARC of extracted text that is called WET, or ARC. Every record that carries a page
// or a text is a document: of HTML the article, or the visible text, of everything else the text as it is. Each record has its own
// encoding, which the setting for files does not concern. Metadata are uri, date (when it was fetched), id, content_type, what a page says
// of itself, and truncated, where the crawler says that it did not take all.
//
// Which record carries a page is told by what the crawler found in it, by its Content-Type, and by its first bytes: see
// package warc. Other records are no documents. They are counted by what they are: skipped_record_type, skipped_http_status (errors and
// redirects), skipped_media_type (images and the like), skipped_crawl_log. What was decoded in spite of a fault is counted as
// warc_bad_chunks, warc_bad_encoding (of the content), warc_short_body and warc_short_record; records in another encoding
// than UTF-8 as decoded_gb18030 and so on, with their undecodable sequences as replaced.
//
// Damage costs the bytes up to the next record, as a reject of its own.
var warcFormat = format{
	name:        WARC,
	rule:        RuleRecord,
	rules:       []string{RuleRecord},
	suffixes:    []string{".warc", ".wet", ".arc"},
	anyEncoding: true,
	sniff:       sniffWARC,
	frame:       frameWARC,
	decode: func(s *Stage, rec []byte) (reason, detail string) {
		s.appendRecord(rec)
		return "", ""
	},
}

func sniffWARC(s sample, _ Config) (why string) {
	for _, magic := range []string{"WARC/0.", "WARC/1.", "filedesc://"} {
		if bytes.HasPrefix(s.head, []byte(magic)) {
			return "it begins with " + magic
		}
	}
	return ""
}

// recordwise says whether the gzip members that a file begins with begin with a record each. Some writers cut elsewhere; then
// nothing says what the members are.
func recordwise(head []byte) bool {
	src := codec.NewSource()
	src.Reset(bytes.NewReader(head), 0, int64(len(head)))
	members := codec.NewMembers(src, int64(len(head)))
	defer func() { _ = members.Close() }() // it has nothing to say
	records := warc.NewReader(members, warc.Limits{})
	for {
		if _, err := members.Next(); err != nil {
			return true
		}
		records.Reset(members)
		_, err := records.Next()
		if damage, ok := errors.AsType[*warc.DamageError](err); ok && !damage.Truncated {
			return false
		}
	}
}

// skipCounters name what is no document.
var skipCounters = map[string]string{
	warc.PassedType:   ingest.CounterSkipped + "record_type",
	warc.PassedStatus: ingest.CounterSkipped + "http_status",
	warc.PassedMedia:  ingest.CounterSkipped + "media_type",
	warc.PassedLog:    ingest.CounterSkipped + "crawl_log",
}

// warcFramer makes documents of the records of a piece. It is kept from one piece to the next, with its memory, since in
// a compressed archive every record is a piece.
type warcFramer struct {
	in     *stream
	source pieceReader
	reader *warc.Reader

	decoder *warc.Decoder
	body    bodyDecoder
	raw     []byte // a record
	pages   pages
	members []textMember
}

func frameWARC(in *stream) framer {
	f := in.warc
	if f == nil {
		limit := in.cfg.MaxDocumentBytes
		f = &warcFramer{decoder: warc.NewDecoder(limit), body: bodyDecoder{share: in.cfg.MaxReplacementShare}, pages: pages{observe: in.observe}}
		f.reader = warc.NewReader(&f.source, warc.Limits{Record: limit})
		in.warc = f
	}
	f.in, f.source = in, pieceReader{piece: in.piece}
	f.reader.Reset(&f.source)
	return f
}

// next implements framer.
func (f *warcFramer) next(ctx context.Context, rec *rawRecord) error {
	f.source.ctx = ctx
	for {
		at, err := f.reader.Next()
		if err != nil {
			return warcError(err)
		}
		if at.Passed == "" {
			return f.document(at, rec)
		}
		rec.counters.Add(skipCounters[at.Passed], 1)
	}
}

// document appends the text of the current record.
func (f *warcFramer) document(at warc.Record, rec *rawRecord) (err error) {
	expanded := 0
	defer func() { f.release(expanded) }()
	reject := func(reason, detail string) error { return &recordError{at.Offset, at.Length, reason, detail} }
	if f.raw, err = f.reader.Raw(f.raw[:0]); err != nil {
		return warcError(err)
	}
	doc, err := f.decoder.Decode(f.raw)
	expanded = len(doc.Body)
	switch {
	case errors.Is(err, warc.ErrExpansion):
		return reject(ingest.ReasonExpansion, fmt.Sprintf("the body expands to more than %d bytes", f.in.cfg.MaxDocumentBytes))
	case err != nil:
		return reject(ingest.ReasonCorrupt, err.Error())
	}
	page := doc.Media == "text/html" || doc.Media == "application/xhtml+xml"
	hint := doc.Charset
	if _, known := charset.Canonical(hint); page && !known {
		hint = markup.Charset(doc.Body)
	}
	body, reason, detail := f.body.decode(doc.Body, hint, rec.counters)
	if reason != "" {
		if doc.Coding != "" {
			detail = fmt.Sprintf("the content encoding %.40q is unknown or damaged, and without it %s", doc.Coding, detail)
		}
		return reject(reason, detail)
	}
	for _, note := range doc.Notes {
		rec.counters.Add("warc_"+note, 1)
	}
	f.members = append(f.members[:0], textMember{"uri", at.URI}, textMember{"date", at.Date}, textMember{"id", at.ID},
		textMember{"content_type", at.Media})
	if page {
		f.pages.name = at.URI
		if rec.text, reason, detail = f.pages.take(rec.text, body, f.in.cfg); reason != "" {
			return reject(reason, detail)
		}
		f.members = append(f.members, f.pages.members...)
		if f.pages.looked {
			rec.page = &f.pages.page
			rec.counters.Add(f.pages.counter(), 1)
		}
	} else {
		rec.text = append(rec.text, body...)
	}
	rec.offset = at.Offset
	rec.meta = appendObject(rec.meta, append(f.members, textMember{"truncated", at.Truncated}))
	return nil
}

// release gives back what a long record took.
func (f *warcFramer) release(expanded int) {
	if max(cap(f.raw), expanded) > keepScratch {
		f.raw, f.decoder = nil, warc.NewDecoder(f.in.cfg.MaxDocumentBytes)
	}
	f.body.release()
}

// warcError says what an error of an archive means for its piece.
func warcError(err error) error {
	if large, ok := errors.AsType[*warc.TooLargeError](err); ok {
		return tooLarge(large.Offset, large.Length, large.Max)
	}
	damage, ok := errors.AsType[*warc.DamageError](err)
	switch {
	case !ok:
		return err
	case damage.Truncated:
		return &restError{damage.Offset, ingest.ReasonTruncated, damage.Reason}
	}
	return &recordError{damage.Offset, damage.Lost, ingest.ReasonCorrupt, damage.Reason}
}

// pieceReader is a piece as an io.Reader. Its errors stay, so that none is lost on a reader that asks again.
type pieceReader struct {
	ctx   context.Context // of the call in progress
	piece *piece
	err   error
}

func (r *pieceReader) Read(p []byte) (n int, err error) {
	if len(p) == 0 || r.err != nil {
		return 0, r.err
	}
	n, r.err = r.piece.read(r.ctx, p)
	return n, r.err
}

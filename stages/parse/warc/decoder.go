package warc

import (
	"slices"

	"github.com/klauspost/compress/gzip"
)

// What a Decoder notes of a document that it could not take quite as declared.
const (
	NoteChunks   = "bad_chunks"   // the chunked transfer encoding is damaged or was not there; what could be read is there
	NoteEncoding = "bad_encoding" // the content encoding is damaged, unknown or was not there; what could be decoded is there
	NoteShort    = "short_body"   // the body has fewer bytes than the HTTP header says
	NoteRecord   = "short_record" // the record has, but it has all that the HTTP header announces
)

// Document is what a record carries.
type Document struct {
	Record
	Body  []byte   // without transfer and content encodings, in the character encoding that it came in
	Notes []string // see the constants
	// Coding is the content encoding of which NoteEncoding tells.
	Coding string
}

// Decoder takes documents out of raw records. It keeps its memory for the next one. It is not for several goroutines at
// once.
type Decoder struct {
	max  int64
	gzip gzip.Reader
	body [2][]byte // a layer of encoding reads from one and writes to the other
}

// NewDecoder makes a Decoder for documents of up to limit bytes after decoding; 0: 64 MiB.
func NewDecoder(limit int64) *Decoder {
	if limit <= 0 {
		limit = defaultRecord
	}
	return &Decoder{max: limit}
}

// Decode takes the document out of one raw record, as Reader.Raw gives it. Body lies in raw or in the Decoder's own memory
// and is valid until the next call. Whether the record carries a document is in Passed; Body is the block's content in
// any case. Errors are ErrExpansion, and a *DamageError if raw is no record.
func (d *Decoder) Decode(raw []byte) (Document, error) {
	rec, block, err := Parse(raw)
	doc := Document{Record: rec, Body: block}
	if rec.short {
		doc.note(NoteRecord)
	}
	if err != nil || rec.Type != Response {
		return doc, err
	}
	h, body := rec.http(block)
	doc.Body = body
	switch {
	case h.isChunked():
		if doc.Body, err = d.unchunk(body); err != nil {
			doc.note(NoteChunks)
		}
	case rec.short && h.size > 0 && h.contentLength < int64(len(body)):
		doc.Body = body[:max(h.contentLength, 0)] // behind it are line ends of the archive
	case h.size > 0 && h.contentLength > int64(len(body)):
		doc.note(NoteShort)
	}
	err = d.decodeContent(&doc, h.encodings())
	return doc, err
}

func (doc *Document) note(n string) {
	if !slices.Contains(doc.Notes, n) {
		doc.Notes = append(doc.Notes, n)
	}
}

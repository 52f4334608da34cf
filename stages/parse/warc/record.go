package warc

import "strings"

// Kind is the family of a record's format.
type Kind string

// The kinds.
const (
	WARC Kind = "warc"
	ARC  Kind = "arc"
)

// Types of records that matter here. A WARC has others; an ARC has only Response and Filedesc.
const (
	Response   = "response"
	Resource   = "resource"
	Conversion = "conversion"
	Filedesc   = "filedesc" // the record that an ARC begins with
)

// Why a record carries no document.
const (
	PassedType   = "record_type" // none of the types above but Filedesc
	PassedStatus = "http_status" // an answer other than 2xx: a redirect or an error page
	PassedMedia  = "media_type"  // neither HTML nor text
	PassedLog    = "crawl_log"   // what the crawler noted of itself, under a metadata: address
)

// Record describes one record. Its texts are valid UTF-8.
type Record struct {
	Kind   Kind
	Type   string // WARC-Type in lower case; see the constants
	Passed string // why the record carries no document; empty: it carries one

	URI       string // of the target, without the <> of some writers
	Date      string // as ISO 8601, as far as the record has it so
	ID        string // WARC-Record-ID without <>
	Truncated string // WARC-Truncated: why the crawler ended the record early

	ContentType string // of the block, as the record says it
	Media       string // media type of the document in lower case, without parameters
	Charset     string // the charset that belongs to Media in lower case: a hint; empty: none
	Status      int    // of the HTTP answer; 0: there is none

	Offset int64 // of the record's first byte in the decoded stream
	Length int64 // of header and block, without the line ends that follow

	header     int    // bytes of the header
	identified string // WARC-Identified-Payload-Type
	odd        bool   // some header line is no field
	short      bool   // the block has fewer bytes than the header says
}

// block returns the size of the block.
func (rec *Record) block() int64 { return rec.Length - int64(rec.header) }

// classify finds out whether the record carries a document. head is what the block begins with, its HTTP header at least
// if that is of the size allowed.
func (rec *Record) classify(head []byte) {
	rec.Passed = PassedType
	switch rec.Type {
	case Response:
		h, _ := rec.http(head)
		rec.Status = h.status
		rec.setMedia(h, head)
		if h.status != 0 && h.status/100 != 2 {
			rec.Passed = PassedStatus
			return
		}
	case Resource, Conversion:
		rec.setMedia(httpHeader{contentType: rec.ContentType}, head)
		if rec.Media == "" && rec.Type == Conversion {
			rec.Media = mediaText
		}
		if strings.HasPrefix(rec.URI, "metadata:") {
			rec.Passed = PassedLog
			return
		}
	default:
		return
	}
	rec.Passed = PassedMedia
	switch rec.Media {
	case mediaHTML, mediaXHTML, mediaText, "text/markdown":
		rec.Passed = ""
	}
}

// http reads the HTTP header that the block of a response begins with. The body has none if the block is the bare
// document, as in some ARC: then the header is that of the record.
func (rec *Record) http(block []byte) (h httpHeader, body []byte) {
	if h, n, ok := parseHTTP(block); ok {
		return h, block[n:]
	}
	h = httpHeader{contentType: rec.ContentType}
	if media, _ := mediaType(rec.ContentType); media == "application/http" {
		h.contentType = ""
	}
	return h, block
}

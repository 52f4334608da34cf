// Package warc reads web archives: WARC 1.0 and 1.1 (ISO 28500), with WET as the WARC of `conversion` records, and ARC,
// versions 1 and 2.
//
// A Reader cuts a decoded stream into records in bounded memory, says which of them carry a document, and after damage
// goes on with the next record. A Decoder turns one raw record into the bytes of its document: without the archive's and
// HTTP's headers, transfer and content encodings.
//
// It knows nothing of files, compression and batches, and nothing of what the bytes of a document mean: character
// encodings and markup are the caller's.
//
// Guarantees: memory is bounded by the limits whatever the input is, time is linear in it, and no byte is passed over
// unsaid: it belongs to a record or to a DamageError.
package warc

// Limits bounds what a Reader keeps in memory.
type Limits struct {
	Header int   // bytes of a record's header, and of the HTTP header in its block; 0: 64 KiB
	Record int64 // bytes of a record that Raw gives, header included; 0: 64 MiB
}

const (
	defaultHeader = 64 << 10
	defaultRecord = 64 << 20
)

// minHeader leaves room for any sensible header.
const minHeader = 1 << 10

func (l Limits) orDefault() Limits {
	if l.Header <= 0 {
		l.Header = defaultHeader
	}
	if l.Record <= 0 {
		l.Record = defaultRecord
	}
	l.Header = max(l.Header, minHeader)
	return l
}

package parse

import (
	"bytes"
	"strings"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/codec"
)

// Files of the old Macintosh, and what some spreadsheets export for it, end their lines with CR alone. Such a file is read as if
// it had LF in its place, byte for byte: so it can be cut as others can, and no format needs to know.

// onlyReturns says whether a text, or the beginning of one, has CR and no LF.
func onlyReturns(text []byte) bool {
	return bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\r') >= 0
}

// detectReturns fills in whether a file of text has CR for line ends: if there are some and no LF in its first MaxHeadBytes, for
// which it may ask. head is what is stored of it, first what it begins with when decompressed.
func detectReturns(d *ingest.Detection, first, head []byte, s sample) {
	wide := isWide(d.Encoding)
	if wide {
		first, _ = decodedHead(nil, d.Encoding, first, s.cut, Config{})
	}
	if bytes.IndexByte(first, '\n') >= 0 {
		return
	}
	if s.cut {
		d.More = d.More || len(head) >= HeadBytes && len(head) < MaxHeadBytes
		first = codec.Head(d.Compression, head, MaxHeadBytes)
		first = first[:min(len(first), MaxHeadBytes)]
		if wide {
			first, _ = decodedHead(nil, d.Encoding, first, true, Config{})
		}
	}
	d.Returns = onlyReturns(first)
}

// isWide says whether every character of an encoding is two bytes, so that a byte alone says nothing.
func isWide(encoding string) bool { return strings.HasPrefix(encoding, "utf-16") }

// withLineEnds is a head as it is sniffed: with LF for line ends.
func withLineEnds(head []byte) []byte {
	if onlyReturns(head) {
		return bytes.ReplaceAll(head, []byte("\r"), []byte("\n"))
	}
	return head
}

// endLines puts LF in the place of CR.
func endLines(p []byte) {
	for i := bytes.IndexByte(p, '\r'); i >= 0; {
		p[i] = '\n'
		n := bytes.IndexByte(p[i:], '\r')
		if n < 0 {
			return
		}
		i += n
	}
}

// returned is a stream with LF in the place of CR.
type returned struct{ codec.Stream }

func (r returned) Read(p []byte) (int, error) {
	n, err := r.Stream.Read(p)
	endLines(p[:n])
	return n, err
}

// withReturns makes a piece of a file with CR for line ends one with LF. It is called before the encoding is decoded, which goes
// by lines; where a character is two bytes, the text is changed instead.
func (p *piece) withReturns(returns bool) {
	switch {
	case !returns:
	case isWide(p.encoding):
		p.returns = true
	default:
		p.stream = returned{p.stream}
	}
}

package parse

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/text"
	"github.com/millrace/millrace/stages/parse/charset"
)

// bodyDecoder makes UTF-8 of texts of which each has an encoding of its own. It keeps its memory for the next one.
type bodyDecoder struct {
	share   float64 // max_replacement_share
	charset charset.Reader
	mender  charset.Mender
	src     bytes.Reader
	text    []byte
}

// decode returns a body as valid UTF-8 without BOM, in the memory of body or of d, good until the next call. hint is the
// encoding that is declared, if any. A reason rejects it, as text of a file would be.
func (d *bodyDecoder) decode(body []byte, hint string, counters *columnar.Counters) (out []byte, reason, detail string) {
	if k := signatureOf(body, true); k != nil {
		return nil, k.reason, k.String()
	}
	name, why := charset.Detect(body, true, hint)
	if name == charset.Unknown {
		return nil, ingest.ReasonEncodingUnknown, why
	}
	if name != charset.UTF8 {
		return d.recode(name, why, body, counters)
	}
	body = bytes.TrimPrefix(body, []byte(bom))
	if isControlled(body[:min(len(body), HeadBytes)]) {
		return nil, ingest.ReasonBinary, "the body has too many control characters"
	}
	good := text.ValidPrefix(body)
	if good == len(body) {
		return body, "", ""
	}
	out, other, replaced := d.mender.Mend(d.text[:0], body)
	switch other {
	case charset.UTF8:
	case charset.Unknown:
		return nil, ingest.ReasonEncodingUnknown, fmt.Sprintf("byte %d is no utf-8, and no other encoding convinces", good)
	default:
		d.text = out
		counters.Add(otherEncoding, 1)
		return d.checked(d.text, replaced, other, counters)
	}
	allowed := int64(d.share * float64(len(body)))
	var invalid int64
	var ok bool
	if d.text, invalid, ok = repair(d.text[:0], body, good, allowed); !ok {
		return nil, ingest.ReasonEncoding, fmt.Sprintf("more than %d bytes are no utf-8, the first is byte %d", allowed, good)
	}
	counters.Add("invalid_utf8", invalid)
	return d.text, "", ""
}

// recode decodes a body of another encoding than UTF-8.
func (d *bodyDecoder) recode(name, why string, body []byte, counters *columnar.Counters) (out []byte, reason, detail string) {
	d.src.Reset(body)
	if d.charset.ResetLines(name, &d.src, false) != nil {
		return nil, ingest.ReasonEncoding, name + ", " + why
	}
	d.text = d.text[:0]
	for {
		d.text = grow(d.text, max(len(body)+len(body)/2-len(d.text), chunkBytes/8))
		n, err := d.charset.Read(d.text[len(d.text):cap(d.text)])
		d.text = d.text[:len(d.text)+n]
		if err != nil { // io.EOF: a body in memory has no other
			break
		}
	}
	if isControlled(d.text[:min(len(d.text), HeadBytes)]) {
		return nil, ingest.ReasonBinary, "the body has too many control characters"
	}
	if good := text.ValidPrefix(d.text); good < len(d.text) {
		return nil, ingest.ReasonEncodingUnknown, fmt.Sprintf("byte %d of the text is not %s, and no other encoding convinces", good, name)
	}
	if out, reason, detail = d.checked(d.text, d.charset.Replaced, name, counters); reason == "" {
		counters.Add("decoded_"+strings.ReplaceAll(name, "-", "_"), 1)
		counters.Add(otherEncoding, d.charset.Others)
	}
	return out, reason, detail
}

// checked returns a decoded text unless too much of it could not be decoded.
func (d *bodyDecoder) checked(body []byte, replaced int64, name string, counters *columnar.Counters) (out []byte, reason, detail string) {
	if allowed := int64(d.share * float64(utf8.RuneCount(body))); replaced > allowed {
		return nil, ingest.ReasonEncoding, fmt.Sprintf("%d characters could not be decoded from %s, more than %d", replaced, name, allowed)
	}
	counters.Add("replaced", replaced)
	return body, "", ""
}

// release gives back what a long text took.
func (d *bodyDecoder) release() {
	if cap(d.text) > keepScratch {
		d.text = nil
	}
}

package parse

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/charset"
	"github.com/millrace/millrace/stages/parse/codec"
)

// HeadBytes is how much of a stored file Detect wants to see.
const HeadBytes = 64 << 10

// MaxHeadBytes is how much it may ask for with More: what the largest block of a codec can take, which for bzip2 is 900 kB.
const MaxHeadBytes = 1 << 20

// sample is what Detect knows of a file's content.
type sample struct {
	ext  string // of the name, lower case, without the ending of a codec
	head []byte // decoded, in UTF-8, without BOM
	cut  bool   // there may be more behind head
}

// Detect says what a file is, from its name, of which the folders do not count, and from its first HeadBytes stored bytes
// (all of them if it has fewer). First bytes win over the name in what concerns compression. A file that is not text comes
// back with the reason ReasonBinary, one of an encoding that is not read with ReasonEncoding, one that may be in any of
// several with ReasonEncodingUnknown, a table that is compressed as a whole, and what holds text in a form that is not read,
// with ReasonUnsupported. More is set where nothing of the first bytes could be decoded, or where they are ASCII, and MaxHeadBytes
// of them may tell more.
func Detect(name string, head []byte, cfg Config) (d ingest.Detection) {
	d.Compression = codec.Detect(head)
	base := strings.ToLower(path.Base(name))
	s := sample{
		ext:  path.Ext(codec.TrimSuffix(base)),
		head: cfg.windows().Head(d.Compression, head, HeadBytes),
	}
	d.More = len(s.head) == 0 && len(head) >= HeadBytes && len(head) < MaxHeadBytes
	s.cut = len(head) >= HeadBytes || len(s.head) >= HeadBytes
	first := s.head
	s.head = withLineEnds(bytes.TrimPrefix(s.head, []byte(bom)))
	if d.Format = containerOf(s, d.Compression); d.Format != "" {
		d.Document, d.Why = RuleMember, "the first bytes"
		return d
	}
	f, why := chooseStored(s, cfg)
	if f == nil {
		reason, beside := detectEncoding(&d, first, head, s, cfg), ""
		switch d.Encoding {
		case "":
			if cfg.Encoding == Auto && !slices.Contains([]string{"ascii", "valid utf-8", "byte order mark"}, reason) {
				beside = "; utf-8, " + reason
			}
		case charset.UTF32LE, charset.UTF32BE:
			d.Reject, d.Why = ingest.ReasonEncoding, d.Encoding+", "+reason
			d.Encoding = ""
			f, _ = choose(s, cfg)
			d.Format, d.Document = f.name, f.document(s, cfg)
			return d
		case charset.Unknown:
			d.Reject, d.Encoding = ingest.ReasonEncodingUnknown, ""
			beside = "; " + reason + ": the setting encoding can name one"
		default:
			scratch := decodedHeads.Get().(*[]byte)
			defer decodedHeads.Put(scratch)
			var others int64
			*scratch, others = decodedHead((*scratch)[:0], d.Encoding, first, s.cut, cfg)
			s.head = withLineEnds(*scratch)
			beside = "; " + d.Encoding + ", " + reason
			if others > 0 {
				beside += fmt.Sprintf("; %d of its first lines are in another encoding", others)
			}
		}
		f, why = choose(s, cfg)
		why += beside
	}
	if !f.anyEncoding && f != &htmlFormat && f != &jsonFormat { // to which a CR is as good as a LF
		detectReturns(&d, first, head, s)
	}
	d.Format, d.Why, d.Document = f.name, why, f.document(s, cfg)
	d.Cut = d.Encoding == "" && (d.Compression == codec.None || codec.Cuttable(d.Compression, head)) && (d.Document == RuleLine || d.Document == RuleBlankLine)
	if f.stored {
		if d.Cut = d.Compression == codec.None; !d.Cut {
			d.Why += "; tables are read only as they are, not inside of " + d.Compression
			d.Reject = ingest.ReasonUnsupported
			return d
		}
	}
	if d.Numbered = isNumbered(d.Format, d.Compression, head); d.Numbered {
		d.Cut = true
	}
	if k := notText(base, f, s, first, cfg, d.Encoding); k != nil {
		d.Encoding, d.Why, d.Reject = "", clip(k.String()), k.reason
	}
	return d
}

// notText says what a file is instead of a text; nil if it may be one. first is what it begins with as it is stored, s.head
// the same in UTF-8.
func notText(base string, f *format, s sample, first []byte, cfg Config, encoding string) *kind {
	asked := cfg.Format != Auto
	if stands(first, 0, "PK\x03\x04") && !f.anyEncoding {
		if k := zipKind(s.ext, first); k != nil {
			return k
		}
	}
	if k := signatureOf(first, !asked); k != nil && (!f.anyEncoding || k.reason == ingest.ReasonUnsupported) {
		return k
	}
	if f.anyEncoding {
		return nil
	}
	if k := signatureOf(s.head, !asked); k != nil {
		return k
	}
	if k := namedKind(base, s.head); k != nil {
		return k
	}
	wide := strings.HasPrefix(encoding, "utf-16") && cfg.Encoding == Auto
	guessed := wide && !hasBOM(first)
	switch {
	case isControlled(s.head), guessed && controls(s.head)*controlGuessed > len(s.head):
		return &kind{what: "no text: it has too many control characters, as programs, compressed data and arrays of numbers have", reason: ingest.ReasonBinary}
	case guessed && isMixture(s.head, manyScripts), wide && isMixture(s.head, allScripts):
		return binaryKind("an array of numbers, such as token ids", adviceTokens)
	case !asked && f == &textFormat:
		if k := otherXML(s); k != nil {
			return k
		}
		return writtenKind(s)
	}
	return nil
}

// decodedHeads are heads in UTF-8 whose memory is free.
var decodedHeads = sync.Pool{New: func() any { return new([]byte) }}

// choose chooses the format of a file by its head in UTF-8.
func choose(s sample, cfg Config) (f *format, why string) {
	if f, why := chooseNamed(s, cfg); f != nil {
		return f, why
	}
	for _, f := range formats() {
		if f.sniff != nil {
			if why := f.sniff(s, cfg); why != "" {
				return f, why
			}
		}
	}
	return &textFormat, "nothing says otherwise"
}

// chooseStored is choose if that comes to a format of any encoding, by the head as it is stored; nil if not. These formats are tried
// before all others.
func chooseStored(s sample, cfg Config) (f *format, why string) {
	if f, why = chooseNamed(s, cfg); f != nil {
		if !f.anyEncoding {
			return nil, ""
		}
		return f, why
	}
	for _, f := range formats() {
		if !f.anyEncoding {
			break
		}
		if why := f.sniff(s, cfg); why != "" {
			return f, why
		}
	}
	return nil, ""
}

// chooseNamed chooses by the setting and by the ending of the name; nil if they say nothing.
func chooseNamed(s sample, cfg Config) (f *format, why string) {
	if cfg.Format != Auto {
		if f := formatByName(cfg.Format); f != nil {
			return f, "the setting format"
		}
	}
	if s.ext == "" {
		return nil, ""
	}
	for _, f := range formats() {
		if slices.Contains(f.suffixes, s.ext) {
			if f == &jsonlFormat {
				if what := noLines(s); what != "" {
					return &jsonFormat, "the name ends in " + s.ext + ", but it is " + what
				}
			}
			return f, "the name ends in " + s.ext
		}
	}
	return nil, ""
}

// firstLine returns the first line of the head that is not blank, and whether the end of it is in the head.
func (s sample) firstLine() (line []byte, whole bool) {
	rest := s.head
	for len(rest) > 0 {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			return rest, !s.cut
		}
		if line, rest = rest[:end], rest[end+1:]; !isBlank(line) {
			return line, true
		}
	}
	return nil, true
}

// lines calls visit with the lines of the head that are whole, without their ends, until it returns false.
func (s sample) lines(visit func(line []byte) bool) {
	for rest := s.head; len(rest) > 0; {
		line := rest
		if end := bytes.IndexByte(rest, '\n'); end >= 0 {
			line, rest = rest[:end], rest[end+1:]
		} else if rest = nil; s.cut {
			return
		}
		if !visit(bytes.TrimSuffix(line, []byte("\r"))) {
			return
		}
	}
}

package parse

import (
	"bytes"
	"slices"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/tagged"
)

// docFormat is a corpus of <doc> elements, one behind the other, with or without a root around them: that of Sogou, with its fields
// as elements, those of LDC and TREC in SGML, and what WikiExtractor writes. It need not be well formed. A document is one
// element. Its text is the first field of text_field that has some, in any letter case, or all of it where it has no fields; a
// paragraph is a line. Attributes and other fields become metadata, and so does text beside the fields, as beside.
//
// A record without its end tag is rejected alone, and so is what stands where no record is.
var docFormat = format{
	name:   Doc,
	rule:   RuleRecord,
	rules:  []string{RuleRecord},
	sniff:  sniffDoc,
	frame:  func(in *stream) framer { return &elementFramer{in: in, is: docElements} },
	decode: decodeDoc,
}

var docElements = elements{names: []string{"doc"}, fold: true, bare: true}

// sniffDoc wants a <doc> as the first element, or as the first in the first, and the end of one.
func sniffDoc(s sample, _ Config) (why string) {
	if slices.Contains(proseSuffixes, s.ext) {
		return ""
	}
	x, ok := xmlHeadOf(s.head)
	if !ok || x.root.Kind != tagged.Open {
		return ""
	}
	doc := x.root
	if !isDoc(doc) {
		if doc, ok = tagged.Next(x.rest, 0); !ok || !isDoc(doc) || doc.Kind != tagged.Open || notBlank(x.rest[:doc.Start]) >= 0 {
			return ""
		}
	}
	const end = "</doc>"
	for rest := s.head; len(rest) >= len(end); {
		i := bytes.Index(rest, []byte("</"))
		if i < 0 {
			break
		}
		if rest = rest[i:]; len(rest) >= len(end) && bytes.EqualFold(rest[:len(end)], []byte(end)) {
			return "it begins with <" + string(doc.Name) + ">, which ends"
		}
		rest = rest[2:]
	}
	if s.cut && len(s.head) >= HeadBytes/2 {
		return "it begins with <" + string(doc.Name) + ">"
	}
	return ""
}

// docText are more elements with the text of a record where text_field names none, as the fields of JSON are not called.
var docText = []string{"body", "maintext", "article", "abstract", "summary", "description"}

func isDoc(t tagged.Tag) bool { return bytes.EqualFold(t.Name, []byte("doc")) }

func decodeDoc(s *Stage, rec []byte) (reason, detail string) {
	tag, ok := tagged.Next(rec, 0)
	if !ok || !isDoc(tag) {
		return ingest.ReasonCorrupt, "no start tag"
	}
	e := &s.elements
	e.reset()
	tag.EachAttr(func(name, value []byte) bool {
		e.add(name, tagged.Decode(nil, value))
		return true
	})
	attributes := len(e.fields)
	body := rec[tag.End:]
	if i := bytes.LastIndex(body, []byte("</")); i >= 0 {
		body = body[:i]
	}
	sgml := string(tag.Name) == "DOC"
	if !beginsWithField(body) {
		s.extracted = tagged.Text(s.extracted[:0], body, sgml)
		s.appendProse()
		s.meta = e.appendMeta(s.meta, -1, &s.cfg.Metadata)
		return "", ""
	}
	var beside []byte
	tagged.Fields(body, func(t tagged.Tag) bool { return !tagged.IsProse(t) },
		func(f tagged.Field) { e.addElement(f, sgml) },
		func(text []byte) { beside = append(tagged.Text(beside, text, sgml), '\n') })
	beside = bytes.TrimSuffix(beside, []byte("\n"))
	chosen := e.choose(s.cfg.TextField, attributes)
	if chosen < 0 && slices.Equal(s.cfg.TextField, defaultFields) {
		chosen = e.choose(docText, attributes)
	}
	switch {
	case chosen >= 0:
		e.add([]byte("beside"), beside)
		s.extracted = e.appendText(s.extracted[:0], chosen)
	case len(beside) > 0:
		s.extracted = append(s.extracted[:0], beside...)
	default:
		return ingest.ReasonFieldMissing, missing(e.names(namedFields))
	}
	s.appendProse()
	s.meta = e.appendMeta(s.meta, chosen, &s.cfg.Metadata)
	return "", ""
}

// beginsWithField says whether a body is fields, and not a text with tags in it.
func beginsWithField(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	t, ok := tagged.Next(body, 0)
	for ok && t.Kind == tagged.Comment && notBlank(body[:t.Start]) < 0 {
		body = body[t.End:]
		t, ok = tagged.Next(body, 0)
	}
	if !ok || notBlank(body[:t.Start]) >= 0 || tagged.IsProse(t) {
		return false
	}
	if t.Kind == tagged.Empty {
		return true
	}
	_, closed := tagged.Inside(body[t.Start:], string(t.Name))
	return t.Kind == tagged.Open && closed
}

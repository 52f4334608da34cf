package parse

import (
	"bytes"
	"slices"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/tagged"
)

// xmlHead is what an XML file, or one that looks so, begins with.
type xmlHead struct {
	declared bool       // there is <?xml
	root     tagged.Tag // its first tag
	rest     []byte     // what stands behind that
}

// xmlHeadOf reads the declaration, the comments, the document type and the first tag of a file; ok is false if it begins with
// something else.
func xmlHeadOf(head []byte) (x xmlHead, ok bool) {
	head = bytes.TrimSpace(head)
	x.declared = bytes.HasPrefix(head, []byte("<?xml"))
	for {
		head = afterProlog(head)
		if len(head) < len("<!doctype") || !bytes.EqualFold(head[:len("<!doctype")], []byte("<!doctype")) {
			break
		}
		end := bytes.IndexByte(head, '>')
		if subset := bytes.IndexByte(head, '['); subset >= 0 && subset < end {
			if end = bytes.Index(head, []byte("]>")); end >= 0 {
				end++
			}
		}
		if end < 0 {
			return x, false
		}
		head = head[end+1:]
	}
	x.root, ok = tagged.Next(head, 0)
	if !ok || x.root.Start > 0 || x.root.Kind != tagged.Open && x.root.Kind != tagged.Empty {
		return x, false
	}
	x.rest = head[x.root.End:]
	return x, true
}

// xmlSuffixes are endings of names of XML.
var xmlSuffixes = []string{".xml", ".tei", ".nxml", ".jats", ".svg", ".fb2", ".xsd", ".xsl", ".tmx", ".xliff", ".kml", ".gpx", ".opml"}

// otherXML recognises XML that is none of the formats: its text and its data are told apart by people only.
func otherXML(s sample) *kind {
	if slices.Contains(proseSuffixes, s.ext) {
		return nil
	}
	x, ok := xmlHeadOf(s.head)
	if !ok || len(x.root.Name) > recordHead {
		return nil
	}
	switch {
	case slices.Contains(xmlSuffixes, s.ext):
	case !x.declared && x.root.Attr("xmlns") == nil:
		return nil
	case x.root.Kind == tagged.Open && !s.cut && !bytes.HasSuffix(bytes.TrimSpace(s.head), []byte(">")):
		return nil // a text that begins with an example
	}
	return &kind{
		what:   "XML with the root element <" + string(x.root.Name) + ">: set format to html for its text without tags, to text for all of it, or convert it to JSON Lines",
		reason: ingest.ReasonUnsupported,
	}
}

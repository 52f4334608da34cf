package parse

import (
	"bytes"
	"slices"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/markup"
	"github.com/millrace/millrace/stages/parse/tagged"
)

// feedFormat is RSS of any version, RDF among them, or Atom. A document is an item or an entry. Its text is what it says in full, or
// else its summary, as visible text where it is HTML; text_field can name another element. All other elements become metadata
// under their names. What stands around the items is left.
var feedFormat = format{
	name:     Feed,
	rule:     RuleRecord,
	rules:    []string{RuleRecord},
	suffixes: []string{".rss", ".atom"},
	sniff:    sniffFeed,
	frame:    func(in *stream) framer { return &elementFramer{in: in, is: feedElements} },
	decode:   decodeFeed,
}

var feedElements = elements{
	names: []string{"item", "entry", "rss:item", "atom:entry", "ns0:entry", "ns0:item"},
	roots: []string{"rss", "feed", "rdf:RDF", "atom:feed", "ns0:feed"},
}

// feedText are the elements with the text of an item where text_field names none, the fullest first.
var feedText = []string{
	"content:encoded", "content", "atom:content", "ns0:content", "xhtml:body", "body", "description", "rss:description", "summary", "atom:summary", "ns0:summary",
	"media:description", "itunes:summary",
}

// feedLinks are the elements that hold addresses, of which a & is part.
var feedLinks = []string{"link", "guid", "id", "comments", "wfw:commentRss", "feedburner:origLink", "atom:link", "atom:id"}

func sniffFeed(s sample, _ Config) (why string) {
	if slices.Contains(proseSuffixes, s.ext) {
		return ""
	}
	x, ok := xmlHeadOf(s.head)
	if !ok || x.root.Kind != tagged.Open {
		return ""
	}
	next, ok := tagged.Next(x.rest, 0)
	if ok && notBlank(x.rest[:next.Start]) >= 0 {
		return ""
	}
	atom := bytes.Contains(x.root.Attrs, []byte("w3.org/2005/Atom")) || bytes.Contains(x.root.Attrs, []byte("purl.org/atom"))
	switch string(x.root.Name) {
	case "rss":
		ok = ok && (string(next.Name) == "channel" || next.Kind == tagged.Comment) || x.root.Attr("version") != nil
	case "rdf:RDF":
		ok = bytes.Contains(x.root.Attrs, []byte("purl.org/rss")) || bytes.Contains(x.root.Attrs, []byte("my.netscape.com/rdf"))
	case "feed", "atom:feed", "ns0:feed":
		ok = atom
	default:
		ok = false
	}
	if !ok {
		return ""
	}
	return "it begins with <" + string(x.root.Name) + ">"
}

func decodeFeed(s *Stage, rec []byte) (reason, detail string) {
	tag, ok := tagged.Next(rec, 0)
	if !ok {
		return ingest.ReasonCorrupt, "no start tag"
	}
	e := &s.elements
	e.reset()
	body := rec[tag.End:]
	if i := bytes.LastIndex(body, []byte("</")); i >= 0 {
		body = body[:i]
	}
	tagged.Fields(body, func(tagged.Tag) bool { return true }, s.addFeedField, func([]byte) {})
	names := []string(s.cfg.TextField)
	if slices.Equal(names, defaultFields) {
		names = feedText
	}
	chosen := e.choose(names, 0)
	if chosen < 0 {
		return ingest.ReasonFieldMissing, missing(e.names(namedFields))
	}
	s.extracted = e.appendText(s.extracted[:0], chosen)
	s.appendProse()
	s.meta = e.appendMeta(s.meta, chosen, &s.cfg.Metadata)
	return "", ""
}

// addFeedField adds an element of an item as text.
func (s *Stage) addFeedField(f tagged.Field) {
	e := &s.elements
	switch {
	case len(trimSpace(f.Value)) == 0 || slices.Contains(feedLinks, string(f.Name)):
		e.addElement(f, true)
		return
	case bytes.HasSuffix(f.Name, []byte("author")) || bytes.HasSuffix(f.Name, []byte("contributor")):
		if name, ok := tagged.Inside(f.Value, "name"); ok {
			name.Name = f.Name
			e.addElement(name, true)
			return
		}
	}
	start := len(e.text)
	if string(f.Attr("type")) == "xhtml" {
		e.text, _ = markup.HTML(e.text, f.Value)
		e.added(f.Name, start)
		return
	}
	s.unwrapped = tagged.Unwrap(s.unwrapped[:0], f.Value)
	switch inner := trimSpace(s.unwrapped); {
	case string(f.Attr("type")) == "text":
		e.text = append(e.text, inner...)
	case hasTag(inner):
		e.text, _ = markup.HTML(e.text, inner)
	default:
		e.text = tagged.Decode(e.text, inner) // of text that was written as HTML
	}
	if cap(s.unwrapped) > keepScratch {
		s.unwrapped = nil
	}
	e.added(f.Name, start)
}

func hasTag(text []byte) bool {
	_, ok := tagged.Next(text, 0)
	return ok
}

func trimSpace(text []byte) []byte { return bytes.Trim(text, " \t\r\n\f\v") }

package parse

import (
	"bytes"
	"slices"

	"github.com/millrace/millrace/stages/parse/tagged"
	"github.com/millrace/millrace/stages/parse/wikitext"
)

// mediaWikiFormat is the export of a wiki, as Wikipedia's dumps are. A document is a page in its latest revision, of which the
// visible text is taken where it is written in wikitext. Metadata are title, ns (the number of its namespace: 0 are articles), id,
// revision, timestamp, contributor, and model where it is no wikitext. A page that redirects to another has no text; its
// metadata would be redirect, and it is counted as redirects and filtered as empty.
//
// Of a dump with the history of each page the earlier revisions are passed over, and counted as earlier_revisions.
var mediaWikiFormat = format{
	name:   MediaWiki,
	rule:   RuleRecord,
	rules:  []string{RuleRecord},
	sniff:  sniffMediaWiki,
	frame:  func(in *stream) framer { return &elementFramer{in: in, is: wikiElements} },
	decode: decodeMediaWiki,
}

var wikiElements = elements{names: []string{"page"}, roots: []string{"mediawiki"}, part: "revision"}

// sniffMediaWiki looks for the root element, or for the pages that a part of a multistream dump begins with.
func sniffMediaWiki(s sample, _ Config) (why string) {
	if slices.Contains(proseSuffixes, s.ext) {
		return ""
	}
	x, ok := xmlHeadOf(s.head)
	if !ok || x.root.Kind != tagged.Open {
		return ""
	}
	switch string(x.root.Name) {
	case "mediawiki":
		return "it begins with <mediawiki>"
	case "page":
		if _, title := tagged.Inside(x.rest[:min(len(x.rest), 4<<10)], "title"); title && bytes.Contains(s.head, []byte("<revision>")) {
			return "it begins with a page of MediaWiki"
		}
	}
	return ""
}

// wikiPage is what a page says of itself.
type wikiPage struct {
	title, ns, id, redirect, revision, timestamp, contributor, model string

	text []byte // as it stands in the dump
}

func wikiPageOf(rec []byte) (p wikiPage) {
	every := func(tagged.Tag) bool { return true }
	beside := func([]byte) {}
	word := func(b []byte) string { return string(trimSpace(tagged.Decode(nil, b))) }
	page, _ := tagged.Inside(rec, "page")
	tagged.Fields(page.Value, every, func(f tagged.Field) {
		switch string(f.Name) {
		case "title":
			p.title = word(f.Value)
		case "ns":
			p.ns = word(f.Value)
		case "id":
			p.id = word(f.Value)
		case "redirect":
			p.redirect = word(f.Attr("title"))
		case "revision":
			tagged.Fields(f.Value, every, func(f tagged.Field) { p.addRevision(f, word) }, beside)
		}
	}, beside)
	return p
}

func (p *wikiPage) addRevision(f tagged.Field, word func([]byte) string) {
	switch string(f.Name) {
	case "id":
		p.revision = word(f.Value)
	case "timestamp":
		p.timestamp = word(f.Value)
	case "model":
		p.model = word(f.Value)
	case "text":
		p.text = f.Value
	case "contributor":
		name, ok := tagged.Inside(f.Value, "username")
		if !ok {
			name, _ = tagged.Inside(f.Value, "ip")
		}
		p.contributor = word(name.Value)
	}
}

func decodeMediaWiki(s *Stage, rec []byte) (reason, detail string) {
	p := wikiPageOf(rec)
	if p.model == "wikitext" {
		p.model = ""
	}
	s.unwrapped = tagged.Decode(s.unwrapped[:0], p.text)
	s.extracted = s.extracted[:0]
	switch {
	case p.redirect != "" || p.model == "" && wikitext.IsRedirect(s.unwrapped):
		s.count.redirects++
	case p.model != "":
		s.extracted = append(s.extracted, s.unwrapped...)
	default:
		s.extracted = wikitext.Text(s.extracted, s.unwrapped)
	}
	if cap(s.unwrapped) > keepScratch {
		s.unwrapped = nil
	}
	s.appendExtracted()
	members := []textMember{
		{"title", p.title},
		{"ns", p.ns},
		{"id", p.id},
		{"redirect", p.redirect},
		{"revision", p.revision},
		{"timestamp", p.timestamp},
		{"contributor", p.contributor},
		{"model", p.model},
	}
	s.meta = appendObject(s.meta, slices.DeleteFunc(members, func(m textMember) bool { return !s.cfg.Metadata.keeps([]byte(m.name)) }))
	return "", ""
}

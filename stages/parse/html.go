package parse

import (
	"bytes"
	"slices"
	"strings"
)

// htmlFormat is a page: the document is its article, or all of its visible text, and what it says of itself is metadata.
var htmlFormat = format{
	name:     HTML,
	rule:     RuleFile,
	rules:    []string{RuleFile},
	suffixes: []string{".html", ".htm", ".xhtml"},
	sniff:    sniffHTML,
	decode:   decodeHTML,
}

// sniffHTML looks for a doctype or the first tag, behind what XHTML may have in front of it, and another tag or nothing behind
// that: a text on HTML goes on with words.
func sniffHTML(s sample, _ Config) (why string) {
	if slices.Contains(proseSuffixes, s.ext) {
		return ""
	}
	head := afterProlog(s.head)
	for _, tag := range []string{"<!doctype html", "<html"} {
		n := len(tag)
		if len(head) <= n || !bytes.EqualFold(head[:n], []byte(tag)) || bytes.IndexByte([]byte(" \t\r\n>"), head[n]) < 0 {
			continue
		}
		_, rest, _ := bytes.Cut(head, []byte(">"))
		if rest = bytes.TrimSpace(rest); len(rest) == 0 || rest[0] == '<' {
			return "it begins with " + tag
		}
	}
	return sniffFragment(head, !s.cut)
}

// blockTags are what a piece of a page begins with, cut out of one or written without its frame.
var blockTags = []string{
	"head", "body", "title", "meta", "table", "div", "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "section", "article", "main",
	"script", "style", "center",
}

// leastEndTags is how many of them must be closed in a piece of a page: a text on HTML shows one or the other.
const leastEndTags = 3

// sniffFragment looks for a piece of a page: a tag of a block at its start, and one that is closed at the end of the file, or several.
func sniffFragment(head []byte, whole bool) (why string) {
	name := tagName(head, "<")
	if name == "" {
		return ""
	}
	if last := bytes.LastIndex(head, []byte("</")); whole && last >= 0 {
		if end := bytes.TrimSpace(head[last:]); tagName(end, "</") != "" && bytes.IndexByte(end, '>') == len(end)-1 {
			return "it begins with <" + name + ">, and ends with a block that is closed"
		}
	}
	ends := 0
	for rest := head; ends < leastEndTags; ends++ {
		at := bytes.Index(rest, []byte("</"))
		for at >= 0 && tagName(rest[at:], "</") == "" {
			next := bytes.Index(rest[at+2:], []byte("</"))
			if next < 0 {
				return ""
			}
			at += 2 + next
		}
		if at < 0 {
			return ""
		}
		rest = rest[at+2:]
	}
	return "it begins with <" + name + ">, and has blocks that are closed"
}

// tagName is the name of the tag of a block that b begins with, "" if it begins with none.
func tagName(b []byte, begin string) string {
	b, ok := bytes.CutPrefix(b, []byte(begin))
	if !ok {
		return ""
	}
	end := bytes.IndexAny(b[:min(len(b), 16)], " \t\r\n/>")
	if end < 0 {
		return ""
	}
	name := strings.ToLower(string(b[:end]))
	if !slices.Contains(blockTags, name) {
		return ""
	}
	return name
}

// afterProlog is what stands behind the declaration and the comments that a page or an XML file may begin with; nil if one
// of them does not end.
func afterProlog(head []byte) []byte {
	head = bytes.TrimSpace(head)
	for _, prolog := range []struct{ begin, end string }{{"<?", "?>"}, {"<!--", "-->"}} {
		for bytes.HasPrefix(head, []byte(prolog.begin)) {
			_, rest, closed := bytes.Cut(head, []byte(prolog.end))
			if !closed {
				return nil
			}
			head = bytes.TrimSpace(rest)
		}
	}
	return head
}

func decodeHTML(s *Stage, rec []byte) (reason, detail string) {
	if s.extracted, reason, detail = s.pages.take(s.extracted[:0], rec, &s.cfg); reason != "" {
		return reason, detail
	}
	s.appendExtracted()
	s.meta = appendObject(s.meta, s.pages.members)
	return "", ""
}

// appendExtracted appends what was extracted from a record. That is nearly always shorter than the record, but some character
// references stand for more bytes than they have.
func (s *Stage) appendExtracted() {
	s.makeRoom(len(s.extracted))
	s.out = append(s.out, s.extracted...)
	if cap(s.extracted) > keepScratch {
		s.extracted = nil
	}
}

// makeRoom leaves the memory of the raw records if so many bytes would be written over some that were not read yet.
func (s *Stage) makeRoom(n int) {
	if s.inPlace && len(s.out)+n > s.end {
		s.out, s.inPlace = append(s.spare[:0], s.out...), false
	}
}

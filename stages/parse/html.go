package parse

import (
	"bytes"
	"slices"

	"millrace/stages/parse/markup"
)

// htmlFormat is a page: the document is its visible text, and the title metadata.
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
	return ""
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
	var title string
	s.extracted, title = markup.HTML(s.extracted[:0], rec)
	s.appendExtracted()
	s.meta = appendObject(s.meta, []textMember{{"title", title}})
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

package parse

// textFormat is plain text: the record is the document. Lines that were broken at a width are counted, and joined if the
// settings say so.
var textFormat = format{
	name:   Text,
	rule:   RuleFile,
	decode: decodeText,
}

// proseSuffixes are endings of names whose content is text that people write with marks, and may begin with code. Every other
// name, .txt among them, says nothing of what a file is.
var proseSuffixes = []string{".md", ".markdown", ".mkd", ".mdx", ".rst", ".adoc", ".org", ".tex"}

func decodeText(s *Stage, rec []byte) (reason, detail string) {
	if width := wrapWidth(rec); width > 0 {
		s.count.wrapped++
		if s.cfg.JoinWrapped {
			s.joinWrapped(rec, width)
			return "", ""
		}
	}
	s.appendRecord(rec)
	return "", ""
}

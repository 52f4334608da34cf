package parse

// textFormat is plain text: the record is the document. Lines that were broken at a width are counted, and joined if the
// settings say so.
var textFormat = format{
	name:   Text,
	rule:   RuleFile,
	decode: decodeText,
}

// textSuffixes are endings of names whose content is text, even if it looks like JSON.
var textSuffixes = []string{".txt", ".text", ".md", ".markdown", ".rst"}

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

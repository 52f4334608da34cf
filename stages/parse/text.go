package parse

// textFormat is plain text: the record is the document. Hard-wrapped lines stay as they are.
var textFormat = format{
	name:   Text,
	rule:   RuleFile,
	decode: decodeText,
}

// textSuffixes are endings of names whose content is text, even if it looks like JSON.
var textSuffixes = []string{".txt", ".text", ".md", ".markdown", ".rst"}

func decodeText(s *Stage, rec []byte) (reason, detail string) {
	s.appendRecord(rec)
	return "", ""
}

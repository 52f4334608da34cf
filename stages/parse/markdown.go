package parse

import "github.com/millrace/millrace/stages/parse/markup"

// markdownFormat is Markdown of which the text is taken without its marks: see docs/decisions.md for why files are never
// taken for it. Front matter becomes metadata as it stands in the file.
var markdownFormat = format{
	name:   Markdown,
	rule:   RuleFile,
	rules:  []string{RuleFile},
	decode: decodeMarkdown,
}

func decodeMarkdown(s *Stage, rec []byte) (reason, detail string) {
	d := markup.Markdown(s.extracted[:0], rec)
	s.extracted = d.Out
	if !d.Parsed {
		s.count.unparsed++
	}
	s.meta = appendObject(s.meta, []textMember{{"front_matter", string(d.Front)}})
	s.appendExtracted()
	return "", ""
}

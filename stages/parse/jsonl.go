package parse

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"millrace/pipeline"
	"millrace/stages/parse/jsonscan"
)

// jsonlFormat is a JSON object a line: one of its members is the text, the others are metadata as they came.
var jsonlFormat = format{
	name:     JSONL,
	rule:     RuleLine,
	rules:    []string{RuleLine},
	suffixes: []string{".jsonl", ".ndjson"},
	sniff:    sniffJSONL,
	decode:   decodeJSONL,
}

func sniffJSONL(s sample, _ Config) (why string) {
	line, whole := s.firstLine()
	if slices.Contains(textSuffixes, s.ext) || len(line) == 0 || line[0] != '{' {
		return ""
	}
	var scan jsonscan.Scanner
	if valid, truncated := scan.Valid(line); valid || truncated && !whole {
		return "the first line is a JSON object"
	}
	return ""
}

func decodeJSONL(s *Stage, rec []byte) (reason, detail string) {
	var status jsonscan.Status
	s.out, s.meta, status = s.scan.Scan(rec, s.out, s.meta)
	switch status {
	case jsonscan.Syntax:
		return pipeline.ReasonBadJSON, fmt.Sprintf("byte %d: %s, found %s", s.scan.Pos, s.scan.What, excerpt(rec, s.scan.Pos))
	case jsonscan.Missing:
		return pipeline.ReasonFieldMissing, "no field " + quoted(s.cfg.TextField)
	case jsonscan.WrongType:
		return pipeline.ReasonFieldType, fmt.Sprintf("field %q is %s", clip(s.scan.Wanted), excerpt(rec, s.scan.Pos))
	case jsonscan.OK:
	}
	return "", ""
}

// quoted lists names for people.
func quoted(names []string) string {
	var b strings.Builder
	for i, name := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Quote(name))
	}
	return b.String()
}

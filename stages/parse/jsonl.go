package parse

import (
	"fmt"
	"slices"

	"millrace/pipeline"
	"millrace/stages/parse/jsonscan"
)

// jsonlFormat is a JSON object a line: one member of it is the text, the others are metadata as they came.
var jsonlFormat = format{
	name:     JSONL,
	rule:     RuleLine,
	fixed:    true,
	suffixes: []string{".jsonl", ".ndjson"},
	sniff:    sniffJSONL,
	decode:   decodeJSONL,
}

func sniffJSONL(s sample, _ Config) bool {
	line, whole := s.firstLine()
	if slices.Contains(textSuffixes, s.ext) || len(line) == 0 || line[0] != '{' {
		return false
	}
	var scan jsonscan.Scanner
	valid, truncated := scan.Valid(line)
	return valid || truncated && !whole
}

func decodeJSONL(s *Stage, rec []byte) (reason, detail string) {
	var status jsonscan.Status
	s.out, s.meta, status = s.scan.Scan(rec, s.out, s.meta)
	switch status {
	case jsonscan.Syntax:
		return pipeline.ReasonBadJSON, fmt.Sprintf("byte %d: %s, found %s", s.scan.Pos, s.scan.What, excerpt(rec, s.scan.Pos))
	case jsonscan.Missing:
		return pipeline.ReasonFieldMissing, fmt.Sprintf("no field %q", clip(s.cfg.TextField))
	case jsonscan.WrongType:
		return pipeline.ReasonFieldType, fmt.Sprintf("field %q is %s", clip(s.cfg.TextField), excerpt(rec, s.scan.Pos))
	case jsonscan.OK:
	}
	return "", ""
}

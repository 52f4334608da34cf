package parse

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/jsonscan"
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

// sniffLines is how many lines of a file are looked at, and damagedShare how many of these, in percent, may be none.
const (
	sniffLines   = 64
	damagedShare = 10
	// damagedNamed is that share in a file that is called .json, which then would be one document that breaks off.
	damagedNamed = 50
)

// noLines says what a file that is called as JSON Lines are is instead: an array of objects, or objects over several lines.
func noLines(s sample) (what string) {
	head := trimJSONSpace(s.head)
	switch {
	case len(head) == 0 || sniffJSONL(s, Config{}) != "":
		return ""
	case head[0] == '[' && bytes.HasPrefix(trimJSONSpace(head[1:]), []byte("{")):
		return "an array of objects"
	case head[0] == '{' && areObjects(head, s.cut):
		return "objects over several lines"
	}
	return ""
}

// sniffJSONL wants the lines of the head to be objects: a text may begin with one, or quote one.
func sniffJSONL(s sample, _ Config) (why string) {
	line, whole := s.firstLine()
	if slices.Contains(proseSuffixes, s.ext) || len(line) == 0 || line[0] != '{' {
		return ""
	}
	var scan jsonscan.Scanner
	if !whole {
		if valid, truncated := scan.Valid(line); valid || truncated {
			return "the first line is a JSON object"
		}
		return ""
	}
	damaged := damagedShare
	if s.ext == ".json" {
		damaged = damagedNamed
	}
	objects, others := 0, 0
	s.lines(func(line []byte) bool {
		if isBlank(line) {
			return true
		}
		line = trimBOM(line)
		if valid, _ := scan.Valid(line); valid && line[0] == '{' {
			objects++
		} else {
			others++
		}
		return objects+others < sniffLines
	})
	switch {
	case objects == 0 || 100*others > damaged*(objects+others):
		return ""
	case objects == 1:
		return "the first line is a JSON object"
	}
	return fmt.Sprintf("its first %d lines are JSON objects", objects)
}

func decodeJSONL(s *Stage, rec []byte) (reason, detail string) {
	var status jsonscan.Status
	s.out, s.meta, status = s.scan.Scan(rec, s.out, s.meta)
	switch status {
	case jsonscan.Syntax:
		if s.scan.Pos < len(rec) && rec[s.scan.Pos] == '[' && len(trimJSONSpace(rec[:s.scan.Pos])) == 0 {
			return ingest.ReasonBadJSON, "an array, not an object; for a file that is one array set format to json"
		}
		return ingest.ReasonBadJSON, fmt.Sprintf("byte %d: %s, found %s", s.scan.Pos, s.scan.What, excerpt(rec, s.scan.Pos))
	case jsonscan.Missing:
		return ingest.ReasonFieldMissing, missing(s.scan.Names(rec, namedFields))
	case jsonscan.WrongType:
		return ingest.ReasonFieldType, fmt.Sprintf("field %q is %s; set text_field to where the text is", clip(s.scan.Wanted), excerpt(rec, s.scan.Pos))
	case jsonscan.OK:
	}
	return "", ""
}

// namedFields is how many fields of a record are named where none of them is the text.
const namedFields = 8

// missing says that a record has no text under any name that is looked for, and what it has.
func missing(names []string, all int) string {
	if all == 0 {
		return "no field that text_field names, nor any other"
	}
	for i, name := range names {
		if len(name) > recordHead {
			names[i] = strings.ToValidUTF8(name[:recordHead], "") + "…"
		}
	}
	has := quoted(names)
	if all > len(names) {
		has += ", …"
	}
	return "set text_field to one of the fields that there are: " + has
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

package parse

import "slices"

// Names of the formats, as plans and settings write them.
const (
	Chars = "chars"
	Text  = "text"
	JSONL = "jsonl"
)

// Document rules: what one document is.
const (
	RuleFile      = "file"       // the whole file
	RuleLine      = "line"       // every line that is not blank
	RuleBlankLine = "blank_line" // the lines between blank lines
)

// format is what the package knows of one format.
type format struct {
	name  string
	rule  string // the document rule
	fixed bool   // no setting changes the rule
	// suffixes of file names that decide for the format, whatever the content.
	suffixes []string
	// sniff recognises the format by what a file begins with; nil: never.
	sniff func(sample, Config) bool
	// decode turns one raw record of valid UTF-8 into a document: it appends to s.out and s.meta. A reason rejects the
	// record; what was appended is cut off then. rec may lie in the memory behind s.out, so nothing may be appended to
	// s.out that has more bytes than what was read of rec.
	decode func(s *Stage, rec []byte) (reason, detail string)
}

// formats lists every format, in the order in which they are tried. The last is what is left.
func formats() []*format { return []*format{&jsonlFormat, &charsFormat, &textFormat} }

func formatByName(name string) *format {
	for _, f := range formats() {
		if f.name == name {
			return f
		}
	}
	return nil
}

func formatNames() (names []string) {
	for _, f := range formats() {
		names = append(names, f.name)
	}
	slices.Sort(names)
	return names
}

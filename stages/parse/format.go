package parse

import "slices"

// Names of the formats, as plans and settings write them.
const (
	Chars = "chars"
	Text  = "text"
	JSONL = "jsonl"
	JSON  = "json"

	Segmented = "segmented"
	CoNLL     = "conll"
	CSVFormat = "csv"
	TSV       = "tsv"

	WARC     = "warc"
	HTML     = "html"
	Markdown = "markdown"

	Doc       = "doc"
	Feed      = "feed"
	MediaWiki = "mediawiki"

	Parquet = "parquet"
	Arrow   = "arrow"
)

// Document rules: what one document is.
const (
	RuleFile      = "file"       // the whole file
	RuleLine      = "line"       // every line that is not blank
	RuleBlankLine = "blank_line" // the lines between blank lines
	RuleID        = "id"         // the lines with the same article id
	RuleRecord    = "record"     // what the format itself sets apart: an object, a row
)

// format is what the package knows of one format.
type format struct {
	name  string
	rule  string   // the document rule
	rules []string // every rule that it can have; nil: file, line and blank_line
	// suffixes of file names that decide for the format, whatever the content.
	suffixes []string
	// anyEncoding says that the records themselves tell their encoding: the file is read as it is, and decode gets it so.
	anyEncoding bool
	// stored says that files are read here and there: only as they are stored, not compressed, not in a container, and in
	// byte ranges wherever they are cut.
	stored bool
	// escaped says that frame writes the bytes of a record anew, by which a character of two of them may have been torn: frame
	// has to know their encoding.
	escaped bool
	// sniff recognises the format by what a file begins with; why is a short word on that, "" if it is something else.
	// nil: never.
	sniff func(sample, Config) (why string)
	// ruleOf chooses the document rule of a file where the format has more than one default; nil: rule.
	ruleOf func(sample) string
	// frame finds the records of an open piece for every rule but file, line and blank_line, which need none.
	frame func(in *stream) framer
	// decode turns one raw record of valid UTF-8 into a document: it appends to s.out and s.meta. A reason rejects the
	// record; what was appended is cut off then. rec may lie in the memory behind s.out, so nothing may be appended to
	// s.out that has more bytes than what was read of rec.
	decode func(s *Stage, rec []byte) (reason, detail string)
}

// lineRules are the rules by which lines are put together, whatever the format.
var lineRules = []string{RuleFile, RuleLine, RuleBlankLine}

// document chooses the document rule of a file.
func (f *format) document(s sample, cfg Config) string {
	rules := f.rules
	if rules == nil {
		rules = lineRules
	}
	if slices.Contains(rules, cfg.Document) {
		return cfg.Document
	}
	if f.ruleOf != nil {
		return f.ruleOf(s)
	}
	return f.rule
}

// formats lists every format, in the order in which they are tried: first those of any encoding. The last is what is left.
func formats() []*format {
	return []*format{
		&parquetFormat, &arrowFormat, &warcFormat, &htmlFormat, &markdownFormat, &mediaWikiFormat, &feedFormat, &docFormat,
		&jsonlFormat, &jsonFormat, &csvFormat, &tsvFormat, &charsFormat, &conllFormat, &segmentedFormat, &textFormat,
	}
}

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

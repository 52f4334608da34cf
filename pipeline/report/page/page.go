// Package page draws a report as one HTML file that opens offline: no script, nothing fetched, its style inside and named by hash in
// its policy. Texts go through html/template; texts of documents, names and paths are cut, and characters that could not be seen or
// would turn the text around them are shown by name. The same report gives the same bytes.
//
// Exact figures can be read out of a page. An element that shows a number has it in data-value, and where it comes from in one of
//
//	data-figure="funnel.2.documents"      the path of the number in the report's JSON, lists counted from 0
//	data-sum="nights.3-5.kept"            the sum of these places of the list
//	data-rest="sources.*.read"            the sum of all places of the list that no data-figure of the same table has
//
// Shares and other numbers that follow from two figures have none of these.
//
// A page has less than MaxBytes whatever the report holds: every section has its share of them, and lists that do not fit end in how
// much more there is.
package page

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"io"

	"github.com/millrace/millrace/pipeline/look"
	"github.com/millrace/millrace/pipeline/report"
)

// MaxBytes is more than any page has.
const MaxBytes = 2_000_000

// Policy is the content security policy of a page, which it has within. A server that sends a page sends no stricter one.
func Policy() string {
	sum := sha256.Sum256(look.CSS)
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'"
}

// A section of a page is left out if the report has nothing for it.
type section struct {
	id, title string
	bytes     int64 // how many it may have, but for its last row
	has       bool
	draw      func(*canvas, *report.Report)
}

func sections(r *report.Report) []section {
	return []section{
		{"facts", "Facts", 20_000, len(r.Facts) > 0, facts},
		{"funnel", "Funnel", 70_000, len(r.Funnel) > 0, funnel},
		{"sources", "Sources", 140_000, len(r.Sources) > 0, sources},
		{"nights", "Versions over time", 400_000, len(r.Nights) > 0, nights},
		{"histograms", "Histograms", 560_000, len(r.Histograms) > 0, histograms},
		{"duplicates", "Duplicates", 110_000, hasDuplicates(&r.Duplicates), duplicates},
		{"vocabulary", "Vocabulary", 85_000, hasVocabulary(&r.Vocabulary), vocabulary},
		{"shares", "Scripts, languages and other parts", 90_000, len(r.Shares) > 0, shares},
		{"lines", "Lines and sites", 60_000, len(r.Lines)+len(r.Sites) > 0, lines},
		{"samples", "Samples", 220_000, len(r.Samples) > 0, samples},
		{"release", "Parts of the release", 40_000, len(r.Parts) > 0, parts},
		{"cost", "Cost", 20_000, len(r.Cost) > 0, cost},
		{"notes", "What is not here", 15_000, len(r.Notes) > 0, notes},
	}
}

// Write writes the page of a report, once and from its beginning to its end. The error is that of w.
func Write(w io.Writer, r *report.Report) error {
	buffered := bufio.NewWriterSize(w, 64<<10)
	c := &canvas{w: buffered}
	c.raw("<!doctype html>\n<html lang=\"en\">\n")
	c.apply("head", map[string]string{"Policy": Policy(), "Name": short(r.Name), "Of": short(r.Of)})
	c.raw("<style>")
	c.write(look.CSS)
	c.raw("</style>\n</head>\n<body class=\"contents\">\n")
	c.apply("top", map[string]any{"Name": name(r.Name), "Of": short(r.Of), "Digest": name(r.Digest), "Tool": short(r.Tool), "When": short(r.When), "Day": instant(r.When)})
	var present []section
	for _, s := range sections(r) {
		if s.has {
			present = append(present, s)
		}
	}
	c.raw("<nav aria-label=\"Contents\">\n<ol>\n")
	for _, s := range present {
		c.apply("entry", map[string]string{"ID": s.id, "Title": s.title})
	}
	c.raw("</ol>\n</nav>\n<main>\n")
	for _, s := range present {
		c.apply("section", map[string]string{"ID": s.id, "Title": s.title})
		c.limit = c.n + s.bytes
		s.draw(c, r)
		c.raw("</section>\n")
	}
	c.raw("</main>\n")
	c.apply("foot", nil)
	c.raw("</body>\n</html>\n")
	if c.err == nil {
		c.err = buffered.Flush()
	}
	return c.err
}

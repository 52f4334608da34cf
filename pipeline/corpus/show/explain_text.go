package show

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/ingest"
)

// leastColumns is the narrowest terminal on which two texts stand side by side.
const leastColumns = 60

// WriteText writes the explanation for people. columns is the width of the terminal that it goes to: two texts then stand
// side by side; 0 is no terminal, and they follow each other, line by line as they are.
func (e *Explanation) WriteText(w io.Writer, columns int) error {
	b := bufio.NewWriter(w) // keeps the first error
	p := explainPrinter{textPrinter{b}, columns}
	rest := e.Documents
	for i := range e.Files {
		f := &e.Files[i]
		p.file(f)
		for k := range rest[:f.Listed] {
			p.printf("\n")
			p.document(&rest[k])
		}
		rest = rest[f.Listed:]
		if i < len(e.Files)-1 {
			p.printf("\n")
		}
	}
	for i := range rest {
		if i > 0 {
			p.printf("\n")
		}
		p.document(&rest[i])
	}
	return b.Flush()
}

type explainPrinter struct {
	textPrinter
	columns int
}

func (p explainPrinter) file(f *FileFate) {
	p.printf("%s/%s, version %d%s: %s, %s\n", visible(f.Source), visible(f.Path), f.Version, notLive(f.Live), fileStatus(f), pipeline.ByteSize(f.Bytes))
	if f.Format != "" {
		kind := f.Format
		if f.Compression != "" {
			kind += ", " + f.Compression
		}
		p.printf("  read as %s, a document a %s\n", kind, strings.ReplaceAll(f.Document, "_", " "))
	}
	duplicates, filtered, rejected := sumOf(f.Duplicates), sumOf(f.Filtered), sumOf(f.Rejected)
	p.printf("  %s = %s kept + %s duplicates%s + %s filtered%s + %s rejected%s\n", pipeline.Counted(f.Documents, "document"),
		pipeline.Thousands(f.Kept), pipeline.Thousands(duplicates), byWord(f.Duplicates), pipeline.Thousands(filtered), byWord(f.Filtered), pipeline.Thousands(rejected),
		byWord(f.Rejected))
	if f.Withdrawn > 0 {
		p.printf("  of the kept ones %s withdrawn since\n", are(f.Withdrawn))
	}
	if left := f.Documents - int64(f.Listed); left > 0 && f.Listed > 0 {
		p.printf("  the first %d of them:\n", f.Listed)
	}
}

func fileStatus(f *FileFate) string {
	status := strings.ReplaceAll(f.Status, "_", " ")
	if f.Status == manifest.StatusInPart {
		status = "read in part"
	}
	if f.Reason != "" {
		status += ", " + f.Reason
	}
	if f.Unread > 0 {
		status += ", " + pipeline.ByteSize(f.Unread) + " unread"
	}
	return status
}

func notLive(live bool) string {
	if live {
		return ""
	}
	return " (not live any more)"
}

func sumOf(counts map[string]int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}

// byWord is the parts of a sum in brackets, "" for none.
func byWord(counts map[string]int64) string {
	if len(counts) == 0 {
		return ""
	}
	return " (" + words(counts) + ")"
}

// words is the parts of a sum.
func words(counts map[string]int64) string {
	var parts []string
	for _, word := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %s", pipeline.Thousands(counts[word]), word))
	}
	return strings.Join(parts, ", ")
}

func (p explainPrinter) document(f *DocumentFate) {
	if f.ID == "" {
		p.printf("part of %s/%s at %s\n", visible(f.Source), visible(f.Path), pipeline.Thousands(f.Offset))
	} else {
		p.printf("%s  %s/%s at %s\n", f.ID, visible(f.Source), visible(f.Path), pipeline.Thousands(f.Offset))
	}
	p.printf("  version %d%s: ", f.Version, notLive(f.Live))
	switch {
	case f.Place != nil:
		p.printf("kept, %s characters, in %s row %s\n", pipeline.Thousands(f.Place.Chars), f.Place.Shard, pipeline.Thousands(f.Place.Row))
		p.page(f.Page)
		p.losers(f.Losers)
		p.text(f.Text, "  ")
	case f.Duplicate != nil:
		p.duplicate(f)
	case f.Withdrawn != nil:
		p.withdrawal(f.Withdrawn)
		p.page(f.Page)
	default:
		p.printf("%s, %s, %s\n", f.Fate, f.Reject.Reason, pipeline.ByteSize(f.Reject.Bytes))
		p.page(f.Page)
		for _, line := range wrap(f.Reject.Detail, textColumns-4, 3) {
			p.printf("    %s\n", line)
		}
		if r := f.Removed; r != nil {
			p.printf("    its text, of %s, is in %s row %s\n", pipeline.Counted(r.Chars, "character"), r.Shard, pipeline.Thousands(r.Row))
		}
		p.text(f.Text, "    ")
	}
}

// page says what was taken of a web page, if the document was one.
func (p explainPrinter) page(d *PageDetail) {
	if d == nil {
		return
	}
	for _, line := range wrap("of the page: "+d.String(), textColumns-4, 3) {
		p.printf("    %s\n", line)
	}
}

func (p explainPrinter) losers(l *Losers) {
	if l == nil || l.Count == 0 {
		return
	}
	p.printf("  %s lost to it%s\n", pipeline.Counted(l.Count, "document"), byWord(l.Kinds))
	for _, d := range l.First {
		p.printf("    %s  version %d  %s %s  %s/%s at %s\n", d.ID, d.Version, d.Kind, shortScore(d.Score), visible(d.Source), visible(d.Path),
			pipeline.Thousands(d.Offset))
	}
	if left := l.Count - int64(len(l.First)); left > 0 && len(l.First) > 0 {
		p.printf("    and %s more\n", pipeline.Thousands(left))
	}
}

// shortScore is a score in a list: .7684 is exact.
func shortScore(score int) string {
	if ingest.ExactScore(score) {
		return fmt.Sprintf("%.4f", float64(score)/ingest.Millionths)
	}
	if score < ingest.MostEqualBytes {
		return fmt.Sprintf("%d/%d, about %s", score, ingest.MostEqualBytes, hundredths(resemblance(score)))
	}
	return fmt.Sprintf("%d/%d", score, ingest.MostEqualBytes)
}

// resemblance is what a score says of the share of shingles that two texts have in common. Of bytes that are not of a common shingle one of 256 is equal by
// chance.
func resemblance(score int) float64 {
	if ingest.ExactScore(score) {
		return float64(score) / ingest.Millionths
	}
	return float64(max(score-1, 0)) / (ingest.MostEqualBytes - 1)
}

// hundredths is a resemblance as people write it: J .93.
func hundredths(j float64) string {
	return "J " + strings.TrimPrefix(fmt.Sprintf("%.2f", j), "0")
}

// longScore is a score in a sentence.
func longScore(kind string, score int) string {
	switch {
	case ingest.ExactScore(score):
		return fmt.Sprintf("%.4f of their shingles in common, exactly", float64(score)/ingest.Millionths)
	case kind == ingest.KindName(ingest.KindNear):
		return fmt.Sprintf("score %d of %d, an estimate: so many bytes of their signatures agree, about %s", score, ingest.MostEqualBytes, hundredths(resemblance(score)))
	}
	return fmt.Sprintf("score %d of %d", score, ingest.MostEqualBytes)
}

func (p explainPrinter) duplicate(f *DocumentFate) {
	d := f.Duplicate
	p.printf("duplicate, %s, %s, of\n", d.Kind, longScore(d.Kind, d.Score))
	p.printf("    %s  version %d", d.WinnerID, d.WinnerVersion)
	var winner *Text
	if d.Winner == nil {
		p.printf(", which cannot be read here\n")
	} else {
		p.printf("  %s/%s at %s\n", visible(d.Winner.Source), visible(d.Winner.Path), pipeline.Thousands(d.Winner.Offset))
		p.printf("    in %s row %s\n", d.Winner.Place.Shard, pipeline.Thousands(d.Winner.Place.Row))
		winner = d.Winner.Text
	}
	p.printf("    which stays: %s\n", d.ruleText())
	p.page(f.Page)
	switch {
	case f.Text == nil && winner == nil:
	case f.Text != nil && winner != nil && f.Text.Why == "" && p.columns >= leastColumns:
		p.sideBySide(f.Text, winner)
	default:
		p.printf("  this document:\n")
		p.text(f.Text, "    ")
		p.printf("  what it lost to:\n")
		p.text(winner, "    ")
	}
	p.differences(d)
}

// text prints a text, or why there is none. On a terminal its lines are wrapped.
func (p explainPrinter) text(t *Text, indent string) {
	switch {
	case t == nil:
		return
	case t.Why != "":
		p.printf("%s(no text: %s)\n", indent, t.Why)
		return
	}
	columns := p.columns - len(indent)
	for line := range strings.Lines(t.Text) {
		if columns < 3 {
			p.printf("%s%s\n", indent, visible(strings.TrimSuffix(line, "\n")))
			continue
		}
		for _, part := range wrap(line, columns, len(line)+1) {
			p.printf("%s%s\n", indent, part)
		}
	}
	p.cut(t, indent)
}

func (p explainPrinter) cut(t *Text, indent string) {
	if left := t.Bytes - int64(len(t.Text)); left > 0 {
		p.printf("%s… and %s more\n", indent, pipeline.ByteSize(left))
	}
}

// sideBySide prints two texts in two columns. A bar stands between lines that differ.
func (p explainPrinter) sideBySide(left, right *Text) {
	width := (p.columns - 4 - 3) / 2
	head := func(s string) string { return s + strings.Repeat(" ", max(0, width-displayWidth(s))) }
	p.printf("    %s   %s\n", head("THIS DOCUMENT"), "WHAT IT LOST TO")
	a, b := wrap(left.Text, width, len(left.Text)+1), wrap(right.Text, width, len(right.Text)+1)
	for i := range max(len(a), len(b)) {
		var l, r string
		if i < len(a) {
			l = a[i]
		}
		if i < len(b) {
			r = b[i]
		}
		bar := " | "
		if l == r {
			bar = "   "
		}
		p.printf("%s\n", strings.TrimRight("    "+head(l)+bar+r, " "))
	}
	p.cut(left, "    (this document) ")
	p.cut(right, "    (what it lost to) ")
}

package show

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
)

// textColumns is the width that the rendering keeps to.
const textColumns = 100

// WriteText writes the inspection for people, in columns of a terminal: wide characters count as two.
func (in *Inspection) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w) // keeps the first error
	p := textPrinter{b}
	p.versions(in)
	p.totals(&in.Totals)
	p.tokens(in)
	p.documents(in)
	p.groups(in)
	p.rejects(in)
	p.counters(in)
	return b.Flush()
}

type textPrinter struct{ w *bufio.Writer }

func (p textPrinter) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(p.w, format, args...) // the writer keeps the error
}

func (p textPrinter) heading(title string) { p.printf("\n%s\n", title) }

// table prints rows under a head; the columns in left are aligned to the left, all others to the right.
func (p textPrinter) table(left string, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], displayWidth(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			gap := strings.Repeat(" ", widths[i]-displayWidth(cell))
			line.WriteString("  ")
			if slices.Contains(strings.Fields(left), rows[0][i]) {
				line.WriteString(cell + gap)
			} else {
				line.WriteString(gap + cell)
			}
		}
		p.printf("%s\n", strings.TrimRight(line.String(), " "))
	}
}

func (p textPrinter) versions(in *Inspection) {
	if len(in.Versions) == 0 {
		p.printf("This corpus has no version yet.\n")
		return
	}
	p.printf("VERSIONS\n")
	rows := [][]string{{"version", "live", "read", "kept", "exact", "same key", "near", "filtered", "rejected", "input", "seconds", "started", "digest"}}
	for _, v := range in.Versions {
		d, live := &v.Totals.Documents, "no"
		if v.Live {
			live = "yes"
		}
		row := []string{strconv.Itoa(v.Version), live}
		for _, n := range []int64{d.Read, d.Kept, d.ExactDuplicates, d.SameKeyDuplicates, d.NearDuplicates, d.Filtered, d.Rejected} {
			row = append(row, pipeline.Thousands(n))
		}
		row = append(row, pipeline.ByteSize(v.Totals.InputBytes), fmt.Sprintf("%.1f", v.Run.Seconds), started(v.Run.Started), v.Digest[:min(16, len(v.Digest))])
		rows = append(rows, row)
	}
	p.table("live started digest", rows)
}

// started shortens a time to the minute, and says that it is UTC: the same corpus reads the same everywhere.
func started(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	return t.UTC().Format("2006-01-02 15:04Z")
}

func (p textPrinter) totals(t *manifest.Totals) {
	d, f := &t.Documents, &t.Files
	p.heading("TOTALS")
	p.printf("  documents   %s read = %s kept + %s duplicates + %s filtered + %s rejected\n",
		pipeline.Thousands(d.Read), pipeline.Thousands(d.Kept), pipeline.Thousands(d.Duplicates()), pipeline.Thousands(d.Filtered), pipeline.Thousands(d.Rejected))
	p.printf("  files       %s listed = %s read + %s skipped + %s rejected + %s in part\n",
		pipeline.Thousands(f.Listed), pipeline.Thousands(f.Read), pipeline.Thousands(f.Skipped), pipeline.Thousands(f.Rejected), pipeline.Thousands(f.InPart))
	if f.OnlyRejects > 0 {
		p.printf("              %s of those read gave nothing but rejects\n", pipeline.Thousands(f.OnlyRejects))
	}
	p.printf("  text        %s kept of %s read, %s characters, %s different ones\n",
		pipeline.ByteSize(t.KeptBytes), pipeline.ByteSize(t.InputBytes), pipeline.Thousands(t.Chars), pipeline.Thousands(t.VocabularyChars))
	if w := &t.Withdrawn; w.Documents > 0 {
		is := t.Live()
		p.printf("  withdrawn   %s, of %s characters; left are %s of %s characters, %s\n", pipeline.Counted(int(w.Documents), "document"),
			pipeline.Thousands(w.Chars), pipeline.Counted(int(is.Documents), "document"), pipeline.Thousands(is.Chars), pipeline.ByteSize(is.Bytes))
	}
	if t.UnreadBytes > 0 {
		p.printf("  unread      %s\n", pipeline.ByteSize(t.UnreadBytes))
	}
}

func (p textPrinter) tokens(in *Inspection) {
	if len(in.Tokens) == 0 {
		return
	}
	p.heading("VOCABULARY, its head")
	rows := [][]string{{"id", "token", "type", "count", "documents", "new"}}
	for _, t := range in.Tokens {
		rows = append(rows, []string{
			strconv.Itoa(int(t.ID)), visible(t.Token), t.Type, pipeline.Thousands(t.Count), pipeline.Thousands(t.Documents), pipeline.Thousands(t.NewCount),
		})
	}
	p.table("token type", rows)
}

func (p textPrinter) document(d *Document, lines int) {
	p.printf("    %s  version %d  %s/%s at %s  %s characters\n", d.ID, d.Version, visible(d.Source), visible(d.Path),
		pipeline.Thousands(d.Offset), pipeline.Thousands(d.Chars))
	for _, line := range wrap(d.Text, textColumns-6, lines) {
		p.printf("      %s\n", line)
	}
}

func (p textPrinter) documents(in *Inspection) {
	if len(in.Documents) == 0 {
		return
	}
	p.heading("DOCUMENTS, a sample")
	for i := range in.Documents {
		d := &in.Documents[i]
		p.printf("  %s\n", d.Shard)
		p.document(d, 4)
	}
}

func (p textPrinter) groups(in *Inspection) {
	if len(in.Groups) == 0 {
		return
	}
	p.heading("DUPLICATES, the largest groups")
	for i := range in.Groups {
		g := &in.Groups[i]
		p.printf("  %s: %s, of\n", pipeline.Counted(g.Size, "duplicate"), words(g.Kinds))
		if g.Winner == nil {
			p.printf("    %s  version %d, which cannot be read here\n", g.WinnerID, g.WinnerVersion)
			continue
		}
		p.document(g.Winner, 2)
	}
}

func (p textPrinter) rejects(in *Inspection) {
	if len(in.Rejects) == 0 {
		return
	}
	p.heading("LEFT OUT, and why")
	for _, g := range in.Rejects {
		p.printf("  %s: %s %s %s\n", g.Reason, pipeline.Thousands(g.Count), leftOut(g.Scope, g.Count), g.Verdict)
		for _, e := range g.Examples {
			line := ""
			if e.Line > 0 {
				line = " line " + pipeline.Thousands(e.Line)
			}
			p.printf("    %s/%s%s at %s, %s\n", visible(e.Source), visible(e.Path), line, pipeline.Thousands(e.Offset), pipeline.ByteSize(e.Bytes))
			if e.NoLine != "" {
				p.printf("      its line is not known: %s\n", visible(e.NoLine))
			}
			for _, line := range wrap(e.Detail, textColumns-6, 2) {
				p.printf("      %s\n", line)
			}
		}
	}
}

// leftOut is what n rejects of a scope are: those of files are of parts of them as well.
func leftOut(scope string, n int64) string {
	ending := "s"
	if n == 1 {
		ending = ""
	}
	if scope == corpus.ScopeFile {
		return scope + ending + " or part" + ending
	}
	return scope + ending
}

func (p textPrinter) counters(in *Inspection) {
	if len(in.Counters) == 0 {
		return
	}
	p.heading("COUNTERS")
	rows := [][]string{}
	for _, name := range slices.Sorted(maps.Keys(in.Counters)) {
		rows = append(rows, []string{name, pipeline.Thousands(in.Counters[name])})
	}
	p.table(rows[0][0], rows)
}

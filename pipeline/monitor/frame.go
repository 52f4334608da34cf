package monitor

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"

	"github.com/millrace/millrace/pipeline"
)

// cells says how wide text is on a terminal. Signs whose width is ambiguous, such as those of a bar, take one column whatever the language
// of the user is: that is what terminals do unless they are told otherwise.
var cells = &runewidth.Condition{StrictEmojiNeutral: true}

const (
	// mostStages are the lines of stages in a picture: those that began last, and those that come next.
	mostStages = 8
	leastBar   = 8
	mostBar    = 40
	// leastWidth is that of the narrowest picture: a terminal that is narrower shows what fits.
	leastWidth = 20
	indent     = "  "
)

// columns is how wide a picture is of what: the width of its columns.
type columns struct {
	width int // of a line
	name  int
	bar   int
	rates int // how many columns of rates there is room for
}

const (
	percentWidth = 5  // " 100%"
	bytesWidth   = 13 // "   123.4 MB/s"
	docsWidth    = 16 // "  1,234,567 doc/s"
	etaWidth     = 12 // "  eta 59m59s"
)

// layout says how wide the columns are that fit into a line. The names are those of the whole job, so that no column moves while it goes on.
func layout(width int, stages []Stage) columns {
	c := columns{width: max(width-1, leastWidth), name: len("planning ")} // a sign in the last column would put the cursor on the next line
	for i := range stages {
		c.name = max(c.name, len(indent)+cells.StringWidth(stages[i].Name))
	}
	rest := c.width - c.name - 1 - percentWidth - etaWidth
	for _, w := range []int{bytesWidth, docsWidth} {
		if rest-w >= leastBar+4 {
			rest -= w
			c.rates++
		}
	}
	c.bar = min(max(rest, leastBar), mostBar)
	return c
}

// Frame is the picture of a job, in lines that are narrower than width: how far it is as a whole, below that the stages that have begun and
// those that come next, and what became of documents. While a plan is made, it is how far that is. No line is cut within a number.
func Frame(s *Snapshot, width int) (lines []string) {
	c := layout(width, s.Stages)
	begun := false
	for i := range s.Stages {
		begun = begun || s.Stages[i].Begun
	}
	switch {
	case s.Planning != nil:
		lines = append(lines, c.planning(s.Planning))
	case begun:
		lines = append(lines, c.whole(s))
		for _, st := range shownStages(s.Stages) {
			lines = append(lines, c.stage(&st))
		}
	default:
		lines = append(lines, join(c.width, pad("total", c.name), " "+bar(0, c.bar), pad("   0%", percentWidth), state(s.State)))
	}
	lines = append(lines, flow(c.width, totals(s))...)
	for _, note := range s.Notes {
		lines = append(lines, cells.Truncate(note, c.width, "…"))
	}
	return lines
}

func state(word string) string {
	if word == "" {
		return ""
	}
	return "  " + word
}

// whole is the line of the whole job.
func (c *columns) whole(s *Snapshot) string {
	over := true
	for i := range s.Stages {
		over = over && s.Stages[i].Over()
	}
	parts := []string{pad("total", c.name), " " + bar(s.Whole, c.bar), percent(s.Whole)}
	switch {
	case s.State != "":
		return join(c.width, append(parts, state(s.State))...)
	case over:
		return join(c.width, append(parts, state("committing"))...)
	case s.Known:
		return c.line(parts, "", "", "eta "+clock(s.ETA))
	}
	return join(c.width, parts...)
}

// stage is the line of a stage.
func (c *columns) stage(s *Stage) string {
	parts := []string{pad(indent+s.Name, c.name), " " + bar(s.Fraction(), c.bar)}
	if !s.Begun {
		return join(c.width, parts...)
	}
	parts = append(parts, percent(s.Fraction()))
	bytes, docs, end := "", "", ""
	if r := s.BytesPerSecond(); r > 0 {
		bytes = fmt.Sprintf("%.1f MB/s", r/1e6)
	}
	if r := s.DocumentsPerSecond(); r > 0 {
		docs = pipeline.Thousands(int64(r)) + " doc/s"
	}
	if left, known := s.ETA(); known {
		end = "eta " + clock(left)
	} else if s.Over() {
		end = clock(s.Elapsed)
	}
	return c.line(parts, bytes, docs, end)
}

// line adds the columns of rates and of time.
func (c *columns) line(parts []string, bytes, docs, end string) string {
	for i, rate := range []struct {
		text  string
		width int
	}{{bytes, bytesWidth}, {docs, docsWidth}} {
		if i < c.rates {
			parts = append(parts, fmt.Sprintf("%*s", rate.width, rate.text))
		}
	}
	if end != "" {
		parts = append(parts, "  "+end)
	}
	return strings.TrimRight(join(c.width, parts...), " ")
}

// planning is the line of a plan that is made.
func (c *columns) planning(p *pipeline.PlanningState) string {
	what := p.Step
	if p.Of != "" {
		what += " of " + p.Of
	}
	if p.Total == 0 {
		return cells.Truncate(pad("planning", c.name)+" "+what, c.width, "…")
	}
	f := float64(p.Done) / float64(p.Total)
	line := join(c.width, pad("planning", c.name), " "+bar(f, c.bar), percent(f))
	return line + cells.Truncate("  "+what, c.width-cells.StringWidth(line), "…")
}

// totals are what stands below the bars. Most kinds of job have no such outcomes of documents.
func totals(s *Snapshot) []string {
	parts := []string{clock(s.Elapsed)}
	if p := s.Planning; p != nil {
		if p.Files == 0 {
			return parts
		}
		return append(parts, pipeline.Counted(p.Files, "file")+" found", pipeline.ByteSize(p.Bytes))
	}
	if r := s.Resumed; r != nil {
		parts = append(parts, "resumed")
	}
	if s.Read+s.Kept+s.Duplicates+s.Filtered+s.Rejected == 0 {
		return parts
	}
	parts = append(parts,
		"read "+pipeline.Thousands(s.Read), "filtered "+pipeline.Thousands(s.Filtered), "rejected "+pipeline.Thousands(s.Rejected))
	if s.Duplicates+s.Kept > 0 { // else it is not known yet
		parts = append(parts, "duplicates "+pipeline.Thousands(s.Duplicates))
	}
	if s.Kept > 0 {
		parts = append(parts, "kept "+pipeline.Thousands(s.Kept))
	}
	return parts
}

// shownStages are those that have begun, and those of the phase that comes next: the last of them, if there are many. Stages without a task
// are none.
func shownStages(all []Stage) (shown []Stage) {
	next := -1
	for _, s := range all {
		switch {
		case s.Begun && s.Total == 0:
			continue
		case !s.Begun && next < 0:
			next = s.Phase
		}
		if s.Begun || s.Phase == next {
			shown = append(shown, s)
		}
	}
	if extra := len(shown) - mostStages; extra > 0 {
		// Those that are under way stay: only what is over goes, the first of them first, and what comes next, the last of them first.
		var kept []Stage
		for _, s := range shown {
			if extra > 0 && s.Over() {
				extra--
				continue
			}
			kept = append(kept, s)
		}
		shown = kept[:min(len(kept), mostStages)]
	}
	return shown
}

// join puts parts beside each other, as many of them as fit.
func join(width int, parts ...string) string {
	var b strings.Builder
	used := 0
	for _, p := range parts {
		if used += cells.StringWidth(p); used > width {
			break
		}
		b.WriteString(p)
	}
	return strings.TrimRight(b.String(), " ")
}

// flow puts parts beside each other, and those that do not fit on the next line.
func flow(width int, parts []string) (lines []string) {
	const space = "  "
	line := ""
	for _, p := range parts {
		if cells.StringWidth(space+p) > width {
			continue // no number is cut
		}
		if line != "" && cells.StringWidth(line+space+p) > width {
			lines, line = append(lines, line), space+p
			continue
		}
		if line != "" {
			line += space
		}
		line += p
	}
	return append(lines, line)
}

func pad(text string, width int) string { return cells.FillRight(text, width) }

func percent(f float64) string { return fmt.Sprintf(" %3.0f%%", math.Floor(f*100)) }

// bar draws a fraction. It is full only at 1.
func bar(f float64, width int) string {
	full := min(max(int(math.Floor(f*float64(width))), 0), width)
	return strings.Repeat("━", full) + strings.Repeat("─", width-full)
}

// clock writes a duration to the second: 12s, 3m05s, 2h07m, 3d04h.
func clock(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	case s < 100*3600:
		return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd%02dh", s/86400, s/3600%24)
}

package page

import (
	"fmt"

	"github.com/millrace/millrace/pipeline/report"
)

const (
	mostLines   = 40
	mostSites   = 40
	mostSamples = 12 // of one kind
)

// lines shows lines that stand in many documents, and the sites that have the most of them.
func lines(c *canvas, r *report.Report) {
	if len(r.Lines) > 0 {
		c.heading("Lines in the most documents")
		c.table(table{
			name: "Lines in the most documents", columns: columns("#documents", "site", "line"), items: len(r.Lines), most: mostLines, noun: "line",
			rows: func(i int) []row {
				l := &r.Lines[i]
				return []row{{Cells: []cell{count(fmt.Sprintf("lines.%d.documents", i), l.Documents), word(name(l.Site)), word(oneLine(l.Text, mostOfLine))}}}
			},
		})
	}
	if len(r.Sites) > 0 {
		c.heading("Sites with the most boilerplate")
		c.table(table{
			name: "Sites with the most boilerplate", columns: columns("site", "#documents", "#boilerplate"), items: len(r.Sites), most: mostSites, noun: "site",
			rows: func(i int) []row {
				s := &r.Sites[i]
				path := fmt.Sprintf("sites.%d.", i)
				return []row{{Cells: []cell{head(name(s.Name)), count(path+"documents", s.Documents), number(path+"boilerplate", s.Boilerplate, report.Share)}}}
			},
		})
	}
}

// samples shows documents, the beginning of each.
func samples(c *canvas, r *report.Report) {
	i := 0
	for ; i < len(r.Samples) && c.room(); i++ {
		s := &r.Samples[i]
		c.heading(name(s.Name))
		c.note(note(s.Note))
		c.raw("<div class=\"samples\">\n")
		k := 0
		for ; k < min(len(s.List), mostSamples) && c.room(); k++ {
			c.sample(fmt.Sprintf("samples.%d.list.%d.", i, k), &s.List[k])
		}
		c.raw("</div>\n")
		c.more(len(s.List)-k, "sample")
	}
	c.more(len(r.Samples)-i, "kind of sample")
}

func (c *canvas) sample(path string, s *report.Sample) {
	text := visible(s.Text, mostText)
	chars := newFigure("", path+"chars", s.Chars, report.Chars)
	chars.Text += " characters"
	version := newFigure("version", path+"version", int64(s.Version), report.Count)
	offset := newFigure("from byte", path+"offset", s.Offset, report.Count)
	c.apply("sample", map[string]any{
		"Figure": name(s.Figure), "Source": name(s.Source), "Path": name(s.Path), "ID": short(s.ID), "Text": text, "Tall": tall(text), "Figures": []figure{chars, version, offset},
	})
}

// parts shows what a release is made of.
func parts(c *canvas, r *report.Report) {
	totals := map[string]int64{} // characters of a split
	weighed, tokens := false, false
	for i := range r.Parts {
		p := &r.Parts[i]
		totals[p.Split] += max(p.Chars, 0)
		weighed, tokens = weighed || p.Weight >= 0, tokens || p.Tokens >= 0
	}
	cols := columns("split", "part")
	if weighed {
		cols = append(cols, column{Label: "weight asked for", Class: "n"})
	}
	cols = append(cols, columns("#documents", "#with copies", "#characters", "#of the split's", "")...)
	if tokens {
		cols = append(cols, column{Label: "tokens", Class: "n"})
	}
	// A split or part that has no such figure has -1.
	known := func(path string, v int64, unit string) cell {
		if v < 0 {
			return cell{Text: "–", Class: "n none"}
		}
		return number(path, v, unit)
	}
	c.table(table{name: "Parts of the release", columns: cols, items: len(r.Parts), noun: "part", rows: func(i int) []row {
		p := &r.Parts[i]
		path := fmt.Sprintf("parts.%d.", i)
		cells := []cell{head(name(p.Split)), word(name(p.Name))}
		if weighed {
			cells = append(cells, known(path+"weight", p.Weight, report.Share))
		}
		cells = append(cells, count(path+"documents", p.Documents), count(path+"copies", p.Copies), known(path+"chars", p.Chars, report.Chars),
			derived(percent(p.Chars, totals[p.Split])), bar(totals[p.Split], p.Chars))
		if tokens {
			cells = append(cells, known(path+"tokens", p.Tokens, report.Count))
		}
		return []row{{Cells: cells}}
	}})
}

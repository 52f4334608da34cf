package page

import (
	"fmt"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/report"
	"github.com/millrace/millrace/pipeline/report/chart"
)

const (
	// mostOfCurve is how many points of a curve are drawn: evenly chosen, the first and the last among them.
	mostOfCurve = 100
	mostChars   = 60
	charsBeside = 15 // rows of a table of characters
)

func hasVocabulary(v *report.Vocabulary) bool {
	return v.Chars != 0 || v.Total != 0 || len(v.Growth)+len(v.Coverage)+len(v.New)+len(v.Top) > 0
}

func vocabulary(c *canvas, r *report.Report) {
	v := &r.Vocabulary
	c.raw("<ul class=\"cards\">\n")
	c.apply("card", newFigure("different characters", "vocabulary.chars", v.Chars, report.Count))
	c.apply("card", newFigure("characters of the corpus", "vocabulary.total", v.Total, report.Chars))
	c.raw("</ul>\n")
	number := func(v int64) string { return compact(v, report.Count) }
	c.raw("<div class=\"charts\">\n")
	if len(v.Growth) > 0 {
		c.curve("Growth", "different characters up to a version", "vocabulary.growth", v.Growth, 0, columns("#version", "#different characters"), &chart.Curve{
			Label: fmt.Sprintf("Curve: different characters over %s, at last %s", pipeline.Counted(len(v.Growth), "version"), pipeline.Thousands(v.Growth[len(v.Growth)-1].Value)),
			Class: "s3", AxisX: number, AxisY: number,
		}, func(p report.Point) string { return fmt.Sprintf("version %d: %s", p.At, pipeline.Thousands(p.Value)) })
	}
	if len(v.Coverage) > 0 {
		c.curve("Coverage", "share of the text that the most frequent characters are", "vocabulary.coverage", v.Coverage, max(v.Total, 1), columns("#most frequent characters", "#characters of the text", "#share"), &chart.Curve{
			Label: "Curve: share of the text that a number of the most frequent characters covers", Class: "s0", Log: true, Most: whole, AxisX: number,
			AxisY: func(n int64) string { return compact(n, report.Share) },
		}, func(p report.Point) string {
			return fmt.Sprintf("%s: %s of the text", pipeline.Counted(p.At, "character"), percent(p.Value, v.Total))
		})
	}
	c.raw("</div>\n")
	c.chars("Characters that the newest version brought", "vocabulary.new", v.New)
	c.chars("The most frequent characters", "vocabulary.top", v.Top)
}

// whole is a share of everything, in millionths.
const whole = 1_000_000

// millionths is the share of part in all; that of nothing is 0.
func millionths(part, all int64) int64 {
	if all <= 0 {
		return 0
	}
	return int64(whole * min(max(float64(part)/float64(all), 0), 1))
}

// curve shows points as a curve and as a table. If there is a total, the curve is of shares in it, and the table has these beside the figures.
func (c *canvas) curve(name, remark, path string, list []report.Point, total int64, cols []column, drawn *chart.Curve, title func(report.Point) string) {
	at := chosen(len(list), mostOfCurve)
	for _, i := range at {
		point := chart.Point{At: list[i].At, Value: list[i].Value}
		if total > 0 {
			point.Value = millionths(point.Value, total)
		}
		drawn.Points = append(drawn.Points, point)
		drawn.Titles = append(drawn.Titles, title(list[i]))
	}
	if len(at) < len(list) {
		remark += fmt.Sprintf("; %d of %s points are drawn", len(at), pipeline.Thousands(len(list)))
	}
	c.figure(drawing{name: name, remark: remark, svg: drawn.SVG(), values: func() {
		c.table(table{name: "Values of " + name, columns: cols, items: len(at), noun: "point", rows: func(k int) []row {
			i := at[k]
			cells := []cell{count(fmt.Sprintf("%s.%d.at", path, i), list[i].At), count(fmt.Sprintf("%s.%d.value", path, i), list[i].Value)}
			if total > 0 {
				cells = append(cells, derived(percent(list[i].Value, total)))
			}
			return []row{{Cells: cells}}
		}})
	}})
}

// chosen are at most most of n places, evenly apart, the first and the last among them.
func chosen(n, most int) []int {
	if n <= most {
		most = n
	}
	list := make([]int, most)
	for i := range list {
		if most > 1 {
			list[i] = i * (n - 1) / (most - 1)
		}
	}
	return list
}

func (c *canvas) chars(title, path string, list []report.Char) {
	if len(list) == 0 {
		return
	}
	c.heading(title)
	c.beside(table{
		name: title, columns: columns("character", "code point", "#times", "#documents"), items: len(list), most: mostChars, noun: "character",
		rows: func(i int) []row {
			one := &list[i]
			code := ""
			if r, size := utf8.DecodeRuneInString(one.Char); size > 0 && size == len(one.Char) {
				code = fmt.Sprintf("U+%04X", r)
			}
			at := fmt.Sprintf("%s.%d.", path, i)
			return []row{{Cells: []cell{head(short(one.Char)), {Text: code}, count(at+"count", one.Count), count(at+"documents", one.Documents)}}}
		},
	}, charsBeside)
}

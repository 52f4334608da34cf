package page

import (
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/report"
	"github.com/millrace/millrace/pipeline/report/chart"
)

const (
	// mostParts is how many parts of a whole are shown.
	mostParts = 30
	// mostPoint is how long the name of a point in time may be.
	mostPoint = 24
)

func shares(c *canvas, r *report.Report) {
	i := 0
	for ; i < len(r.Shares) && c.room(); i++ {
		s := &r.Shares[i]
		path := fmt.Sprintf("shares.%d", i)
		c.heading(name(s.Name))
		c.note(note(s.Note))
		if s.Over && len(s.Parts) > 0 {
			c.overTime(path, s)
		} else {
			c.ranked(path, s)
		}
	}
	c.more(len(r.Shares)-i, "list")
}

// ranked shows the parts of a whole, the greatest with bars and the rest as one.
func (c *canvas) ranked(path string, s *report.Shares) {
	greatest := int64(0)
	for _, p := range s.Parts {
		greatest = max(greatest, p.Value)
	}
	c.apply("figures", []figure{newFigure("total", path+".total", s.Total, s.Unit)})
	c.table(table{
		name: name(s.Name), columns: columns("", "", "#"+unitName(s.Unit), "#share"), items: len(s.Parts), most: mostParts, noun: "part",
		rows: func(i int) []row {
			p := &s.Parts[i]
			return []row{{Cells: []cell{head(name(p.Name)), bar(greatest, p.Value), number(fmt.Sprintf("%s.parts.%d.value", path, i), p.Value, s.Unit), derived(percent(p.Value, s.Total))}}}
		},
		rest: func(from int) row {
			var sum int64
			for _, p := range s.Parts[from:] {
				sum += p.Value
			}
			return row{Cells: []cell{
				head(andMore(len(s.Parts)-from, "part")), {}, sumOf(fmt.Sprintf("%s.parts.%d-%d.value", path, from, len(s.Parts)-1), sum, s.Unit), derived(percent(sum, s.Total)),
			}}
		},
	})
}

func unitName(unit string) string {
	switch unit {
	case report.Chars:
		return "characters"
	case report.Bytes:
		return "bytes"
	case report.Millis:
		return "time"
	}
	return "number"
}

// overTime shows parts in the order of time as columns.
func (c *canvas) overTime(path string, s *report.Shares) {
	over := runs(len(s.Parts), mostOfCurve)
	names, titles, values := make([]string, len(over)), make([]string, len(over)), make([]int64, len(over))
	for i, r := range over {
		for k := r.from; k <= r.to; k++ {
			values[i] += s.Parts[k].Value
		}
		names[i] = oneLine(s.Parts[r.from].Name, mostPoint)
		titles[i] = names[i]
		if r.to > r.from {
			titles[i] += " to " + oneLine(s.Parts[r.to].Name, mostPoint)
		}
		titles[i] += ": " + shown(values[i], s.Unit)
	}
	remark := unitName(s.Unit)
	if n := over[0].to - over[0].from + 1; n > 1 {
		remark += fmt.Sprintf("; each column is the sum of %d in a row of %s", n, pipeline.Thousands(len(s.Parts)))
	}
	c.apply("figures", []figure{newFigure("total", path+".total", s.Total, s.Unit)})
	c.figure(drawing{name: name(s.Name), remark: remark, wide: true, svg: (&chart.Columns{
		Wide: true, Label: fmt.Sprintf("Columns: %s in the order of time, %s in all", name(s.Name), shown(s.Total, s.Unit)), Series: []chart.Series{{Class: "s0", Values: values}},
		Names: names, Titles: titles, Axis: func(v int64) string { return compact(v, s.Unit) }, Step: step(values, s.Unit),
	}).SVG(), values: func() {
		c.table(table{name: "Values of " + name(s.Name), columns: columns("", "#"+unitName(s.Unit)), items: len(over), noun: "column", rows: func(i int) []row {
			r := over[i]
			text := names[i]
			if r.to > r.from {
				text += " to " + oneLine(s.Parts[r.to].Name, mostPoint)
			}
			return []row{{Cells: []cell{{Text: text, Head: true}, r.cell(path+".parts", "value", values[i], s.Unit)}}}
		}})
	}})
}

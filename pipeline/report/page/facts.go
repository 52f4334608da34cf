package page

import (
	"fmt"

	"github.com/millrace/millrace/pipeline/report"
)

func facts(c *canvas, r *report.Report) { c.cards("facts", r.Facts) }

func cost(c *canvas, r *report.Report) { c.cards("cost", r.Cost) }

// cards shows facts, path being that of their list.
func (c *canvas) cards(path string, list []report.Fact) {
	c.raw("<ul class=\"cards\">\n")
	i := 0
	for ; i < len(list) && c.room(); i++ {
		f := &list[i]
		one := newFigure(oneLine(f.Label, 80), fmt.Sprintf("%s.%d.value", path, i), f.Value, f.Unit)
		switch {
		case f.Unit == report.Text || f.Text != "":
			one = figure{Label: one.Label, Text: name(f.Text)}
		case f.Unit == report.Percent && i > 0:
			one.More = percent(f.Value, list[0].Value)
			if one.More != "" {
				one.More += " of " + oneLine(list[0].Label, 80)
			}
		}
		if f.Note != "" {
			if one.More != "" {
				one.More += "; "
			}
			one.More += note(f.Note)
		}
		c.apply("card", one)
	}
	c.raw("</ul>\n")
	c.more(len(list)-i, "figure")
}

func notes(c *canvas, r *report.Report) {
	i := 0
	for ; i < len(r.Notes) && c.room(); i++ {
		c.remark("", r.Notes[i])
	}
	c.more(len(r.Notes)-i, "note")
}

func (c *canvas) remark(class, text string) {
	c.apply("remark", map[string]string{"Class": class, "Text": note(text)})
}

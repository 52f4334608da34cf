package page

import (
	"fmt"
	"math"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/report"
	"github.com/millrace/millrace/pipeline/report/chart"
)

const (
	// mostBars is how many bars a histogram has, and leastBars what it has if there are so many histograms that all have allBars.
	mostBars, leastBars, allBars = 48, 16, 1000
	// mostMarks is how many bounds are drawn, and mostBounds how many are listed.
	mostMarks, mostBounds = 12, 40
	// mostClasses is how many values are shown that stand for words.
	mostClasses = 40
)

func histograms(c *canvas, r *report.Report) {
	bars := min(max(allBars/len(r.Histograms), leastBars), mostBars)
	c.raw("<div class=\"charts\">\n")
	i := 0
	for ; i < len(r.Histograms) && c.room(); i++ {
		c.histogram(fmt.Sprintf("histograms.%d", i), &r.Histograms[i], bars)
	}
	c.raw("</div>\n")
	c.more(len(r.Histograms)-i, "histogram")
}

func (c *canvas) histogram(path string, h *report.Histogram, bars int) {
	c.raw("<figure>\n")
	c.apply("caption", map[string]string{"Name": oneLine(h.Name, 80), "Note": name(h.Note)})
	if len(h.Labels) > 0 {
		c.classes(path, h)
	} else {
		c.bars(path, h, bars)
	}
	c.raw("</figure>\n")
}

// classes shows a figure that stands for words.
func (c *canvas) classes(path string, h *report.Histogram) {
	c.apply("figures", c.measured(path, h))
	most := int64(0)
	for _, b := range h.Buckets {
		most = max(most, b.Documents)
	}
	c.table(table{
		name: "Values of " + name(h.Name), columns: columns("value", "", "#documents", "#share"), items: len(h.Buckets), most: mostClasses, noun: "value",
		rows: func(i int) []row {
			b := &h.Buckets[i]
			text := pipeline.Thousands(b.From)
			if b.From >= 0 && b.From < int64(len(h.Labels)) {
				text = name(h.Labels[b.From])
			}
			return []row{{Cells: []cell{head(text), bar(most, b.Documents), count(fmt.Sprintf("%s.buckets.%d.documents", path, i), b.Documents), derived(percent(b.Documents, h.Values))}}}
		},
	})
}

// measured are how many documents have the figure, and how many have none.
func (c *canvas) measured(path string, h *report.Histogram) []figure {
	list := []figure{newFigure("documents", path+".values", h.Values, report.Count)}
	if h.Missing != 0 {
		list = append(list, newFigure("not measured", path+".missing", h.Missing, report.Count))
	}
	return list
}

// bars shows a figure that is a number.
func (c *canvas) bars(path string, h *report.Histogram, most int) {
	over := joined(h.Buckets, h.Log, most)
	drawn := make([]chart.Bar, len(over))
	counts := make([]int64, len(over))
	for i, r := range over {
		for k := r.from; k <= r.to; k++ {
			counts[i] += h.Buckets[k].Documents
		}
		from, to := h.Buckets[r.from].From, h.Buckets[r.to].To
		drawn[i] = chart.Bar{From: from, To: to, Count: counts[i], Title: between(from, to, h.Unit) + ": " + pipeline.Thousands(counts[i])}
		if share := percent(counts[i], h.Values); share != "" {
			drawn[i].Title += " (" + share + ")"
		}
	}
	label := fmt.Sprintf("Histogram of %s over %s, from %s to %s, median %s", name(h.Name), pipeline.Counted(h.Values, "document"),
		shown(h.Spread.Least, h.Unit), shown(h.Spread.Most, h.Unit), shown(h.Spread.P50, h.Unit))
	if len(h.Bounds) > 0 {
		label += ", with " + pipeline.Counted(len(h.Bounds), "bound")
	}
	var marks []chart.Mark
	for _, b := range h.Bounds[:min(len(h.Bounds), mostMarks)] {
		marks = append(marks, chart.Mark{At: b.At, Label: oneLine(b.Rule, 24) + " " + kept(b.Keep) + " " + compact(b.At, h.Unit)})
	}
	c.write((&chart.Histogram{Label: label, Bars: drawn, Log: h.Log, Marks: marks, Axis: func(v int64) string { return compact(v, h.Unit) }}).SVG())
	c.apply("figures", append(c.measured(path, h), spread(path+".spread", &h.Spread, h.Unit)...))
	c.details(valuesOf(h), func() {
		if len(h.Bounds) > 0 {
			c.table(table{name: "Bounds of " + name(h.Name), columns: columns("rule", "keeps", "#bound"), items: len(h.Bounds), most: mostBounds, noun: "bound", rows: func(i int) []row {
				b := &h.Bounds[i]
				return []row{{Cells: []cell{head(name(b.Rule)), {Text: kept(b.Keep)}, number(fmt.Sprintf("%s.bounds.%d.at", path, i), b.At, h.Unit)}}}
			}})
		}
		c.table(table{numbers: true, name: "Values of " + name(h.Name), columns: columns("#from", "#to less than", "#documents"), items: len(over), noun: "bar", rows: func(i int) []row {
			r := over[i]
			return []row{{Cells: []cell{
				number(fmt.Sprintf("%s.buckets.%d.from", path, r.from), h.Buckets[r.from].From, h.Unit),
				number(fmt.Sprintf("%s.buckets.%d.to", path, r.to), h.Buckets[r.to].To, h.Unit),
				r.cell(path+".buckets", "documents", counts[i], report.Count),
			}}}
		}})
	})
}

func valuesOf(h *report.Histogram) string {
	if len(h.Bounds) == 0 {
		return "Values"
	}
	return "Values, and " + pipeline.Counted(len(h.Bounds), "bound")
}

// between names a bucket.
func between(from, to int64, unit string) string {
	if to-1 == from && (unit == report.Count || unit == report.Chars) {
		return shown(from, unit)
	}
	return shown(from, unit) + " to <" + shown(to, unit)
}

// kept is the side of a bound that stays.
func kept(side string) string {
	switch side {
	case ">=":
		return "≥"
	case "<=":
		return "≤"
	case "!=":
		return "≠"
	case "==":
		return "="
	}
	return short(side)
}

// joined are buckets in at most most runs, each of which has an equal part of the axis. Those that lie where the axis is dense
// are one bar.
func joined(list []report.Bucket, log bool, most int) []run {
	if len(list) == 0 {
		return nil
	}
	if len(list) <= most {
		return runs(len(list), len(list))
	}
	at := func(v int64) float64 {
		if log {
			return math.Copysign(math.Log1p(math.Abs(float64(v))), float64(v))
		}
		return float64(v)
	}
	first := at(list[0].From)
	width := (at(list[len(list)-1].To) - first) / float64(most)
	var over []run
	last := math.Inf(-1)
	for i := range list {
		part := last
		if width > 0 {
			part = math.Floor((at(list[i].From) - first) / width)
		}
		if len(over) == 0 || part > last && len(over) < most {
			over = append(over, run{i, i})
			last = part
			continue
		}
		over[len(over)-1].to = i
	}
	return over
}

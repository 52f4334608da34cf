package page

import (
	"fmt"
	"strconv"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/report"
	"github.com/millrace/millrace/pipeline/report/chart"
)

const (
	// mostPoints is how many columns a chart over versions has: a year of nights, one by one.
	mostPoints = 365
	// newest is how many versions are shown with all that is known of them.
	newest = 30
	// mostAlarms is how many alarms of a version are shown.
	mostAlarms = 8
)

// A run of versions that are one column of the charts: both of its ends are in it.
type run struct{ from, to int }

// runs are n things in at most most equal runs, the last of which may be shorter.
func runs(n, most int) []run {
	each := (n + most - 1) / most
	var list []run
	for i := 0; i < n; i += each {
		list = append(list, run{i, min(i+each, n) - 1})
	}
	return list
}

// path is where the figures of a run are.
func (r run) path(list, key string) string {
	if r.from == r.to {
		return fmt.Sprintf("%s.%d.%s", list, r.from, key)
	}
	return fmt.Sprintf("%s.%d-%d.%s", list, r.from, r.to, key)
}

// A nightFigure is a figure of a version.
type nightFigure struct {
	label, key, unit, class string
	of                      func(*report.Night) int64
}

var nightFates = []nightFigure{
	{"kept", "kept", report.Count, "s0", func(n *report.Night) int64 { return n.Kept }},
	{"duplicates", "duplicates", report.Count, "s1", func(n *report.Night) int64 { return n.Duplicates }},
	{"filtered", "filtered", report.Count, "s4", func(n *report.Night) int64 { return n.Filtered }},
	{"rejected", "rejected", report.Count, "s2", func(n *report.Night) int64 { return n.Rejected }},
}

var nightOthers = []nightFigure{
	{"withdrawn", "withdrawn", report.Count, "s5", func(n *report.Night) int64 { return n.Withdrawn }},
	{"new characters", "new_chars", report.Count, "s3", func(n *report.Night) int64 { return n.NewChars }},
	{"on the disk", "disk_bytes", report.Bytes, "s0", func(n *report.Night) int64 { return n.Disk }},
	{"time", "ms", report.Millis, "s5", func(n *report.Night) int64 { return n.Millis }},
}

// nightMore are figures that have no chart.
var nightMore = []nightFigure{
	{"characters kept", "chars", report.Chars, "", func(n *report.Night) int64 { return n.Chars }},
	{"input", "input_bytes", report.Bytes, "", func(n *report.Night) int64 { return n.InputBytes }},
}

// nights shows how versions went over time: charts over all, and the newest ones with all that is known of them.
func nights(c *canvas, r *report.Report) {
	over := runs(len(r.Nights), mostPoints)
	if n := over[0].to - over[0].from + 1; n > 1 {
		c.remark("", fmt.Sprintf("There are %s. Each column of a chart is the sum of %d of them in a row.", pipeline.Counted(len(r.Nights), "version"), n))
	}
	c.nightCharts(r.Nights, over)
	if alarms := alarmed(r.Nights); alarms > 0 {
		c.remark("warn", fmt.Sprintf("%s raised alarms; the newest stand with their versions.", pipeline.Counted(alarms, "version")))
	}
	c.newestNights(r.Nights)
	if len(r.Nights) > newest {
		c.details("Values of the charts", func() { c.nightValues(r.Nights, over) })
	}
}

func alarmed(list []report.Night) (n int) {
	for i := range list {
		if len(list[i].Alarms) > 0 {
			n++
		}
	}
	return n
}

// columnName is that of a run below a chart.
func columnName(list []report.Night, r run) string {
	return fmt.Sprintf("%d · %s", list[r.from].Version, day(list[r.from].When))
}

func (c *canvas) nightCharts(list []report.Night, over []run) {
	names, titles := make([]string, len(over)), make([]string, len(over))
	fates := make([]chart.Series, len(nightFates))
	for i, f := range nightFates {
		fates[i] = chart.Series{Class: f.class, Values: overRuns(list, over, f)}
	}
	for i, r := range over {
		names[i] = columnName(list, r)
		titles[i] = nightSpan(list, r)
		for k, f := range nightFates {
			titles[i] += fmt.Sprintf("\n%s: %s", f.label, shown(fates[k].Values[i], f.unit))
		}
	}
	legend := make([]column, len(nightFates))
	for i, f := range nightFates {
		legend[i] = column{Class: f.class, Label: f.label}
	}
	c.figure(drawing{name: "Documents that versions read", legend: legend, wide: true, svg: (&chart.Columns{
		Wide: true, Label: fmt.Sprintf("Columns: documents kept, duplicates, filtered and rejected of %s", pipeline.Counted(len(list), "version")),
		Series: fates, Names: names, Titles: titles, Axis: func(v int64) string { return compact(v, report.Count) },
	}).SVG()})
	c.raw("<div class=\"charts\">\n")
	for _, f := range nightOthers {
		values := overRuns(list, over, f)
		if allZero(values) {
			continue
		}
		c.figure(drawing{name: f.label, svg: (&chart.Columns{
			Label:  fmt.Sprintf("Columns: %s of %s", f.label, pipeline.Counted(len(list), "version")),
			Series: []chart.Series{{Class: f.class, Values: values}}, Names: names,
			Axis: func(v int64) string { return compact(v, f.unit) }, Step: step(values, f.unit),
		}).SVG()})
	}
	c.raw("</div>\n")
}

func nightSpan(list []report.Night, r run) string {
	if r.from == r.to {
		return fmt.Sprintf("version %d, %s, %s", list[r.from].Version, short(list[r.from].Kind), instant(list[r.from].When))
	}
	return fmt.Sprintf("versions %d to %d, %s to %s", list[r.from].Version, list[r.to].Version, day(list[r.from].When), day(list[r.to].When))
}

func overRuns(list []report.Night, over []run, f nightFigure) []int64 {
	values := make([]int64, len(over))
	for i, r := range over {
		for k := r.from; k <= r.to; k++ {
			values[i] += f.of(&list[k])
		}
	}
	return values
}

func allZero(values []int64) bool {
	for _, v := range values {
		if v != 0 {
			return false
		}
	}
	return true
}

// newestNights shows the newest versions, newest first.
func (c *canvas) newestNights(list []report.Night) {
	cols := columns("version", "when, UTC", "#read")
	var show []nightFigure
	show = append(append(append(show, nightFates...), nightOthers...), nightMore...)
	for _, f := range show {
		cols = append(cols, column{Label: f.label, Class: "n"})
	}
	c.table(table{name: "The newest versions", columns: cols, items: len(list), most: newest, noun: "version", rows: func(i int) []row {
		at := len(list) - 1 - i
		n := &list[at]
		path := fmt.Sprintf("nights.%d.", at)
		first := cell{Text: fmt.Sprintf("%d %s", n.Version, short(n.Kind)), Head: true, Class: "whole", Figure: path + "version", Value: strconv.Itoa(n.Version)}
		when := cell{Class: "whole", Text: instant(n.When)}
		if !n.Live {
			when.Badge = &badge{"idle", "not live"}
		}
		cells := []cell{first, when, count(path+"read", n.Read)}
		for _, f := range show {
			cells = append(cells, number(path+f.key, f.of(n), f.unit))
		}
		rows := []row{{Cells: cells}}
		for k, alarm := range n.Alarms {
			text := oneLine(alarm, mostName)
			if k == mostAlarms {
				text = andMore(len(n.Alarms)-k, "alarm")
			}
			rows = append(rows, row{Class: "sub", Cells: []cell{{Span: len(cells), Badge: &badge{"bad", "alarm"}, Text: text}}})
			if k == mostAlarms {
				break
			}
		}
		return rows
	}})
}

// nightValues are the values of the charts.
func (c *canvas) nightValues(list []report.Night, over []run) {
	cols := columns("versions")
	var show []nightFigure
	show = append(append(show, nightFates...), nightOthers...)
	values := make([][]int64, len(show))
	for i, f := range show {
		cols = append(cols, column{Label: f.label, Class: "n"})
		values[i] = overRuns(list, over, f)
	}
	c.table(table{numbers: true, name: "Values of the charts over versions", columns: cols, items: len(over), noun: "column", rows: func(i int) []row {
		r := over[i]
		text := columnName(list, r)
		if r.from < r.to {
			text = fmt.Sprintf("%d to %d · %s", list[r.from].Version, list[r.to].Version, day(list[r.from].When))
		}
		cells := []cell{{Text: text, Head: true, Class: "whole"}}
		for k, f := range show {
			cells = append(cells, r.cell("nights", f.key, values[k][i], f.unit))
		}
		return []row{{Cells: cells}}
	}})
}

// cell is the sum over a run, or the figure itself if it has but one thing.
func (r run) cell(list, key string, v int64, unit string) cell {
	if r.from == r.to {
		return number(r.path(list, key), v, unit)
	}
	return sumOf(r.path(list, key), v, unit)
}

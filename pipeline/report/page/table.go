package page

import (
	"strconv"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/report"
)

// A column of a table.
type column struct{ Label, Class, Title string }

// columns names the columns of a table; those that begin with # have numbers.
func columns(labels ...string) []column {
	list := make([]column, len(labels))
	for i, label := range labels {
		if label != "" && label[0] == '#' {
			list[i] = column{Label: label[1:], Class: "n"}
			continue
		}
		list[i] = column{Label: label}
	}
	return list
}

// A row of a table.
type row struct {
	Class string
	Cells []cell
}

// A cell of a table is a text, a number of the report, a bar or a badge.
type cell struct {
	Text, Class              string
	Head                     bool // of its row
	Span                     int
	Value, Figure, Sum, Rest string
	Title                    string
	Badge                    *badge
	Parts                    []part
}

type badge struct{ Class, Text string }

// A part of a bar.
type part struct {
	Class      string
	Hundredths int
}

func head(text string) cell { return cell{Text: text, Head: true, Class: "text"} }

func word(text string) cell { return cell{Text: text, Class: "text"} }

func derived(text string) cell { return cell{Text: text, Class: "n"} }

// number is a figure of the report by its path.
func number(path string, v int64, unit string) cell {
	return cell{Text: shown(v, unit), Class: "n", Value: strconv.FormatInt(v, 10), Figure: path, Title: exact(v, unit)}
}

// count is a figure that has no unit.
func count(path string, v int64) cell { return number(path, v, report.Count) }

// sumOf is the sum of figures that stand side by side in the report.
func sumOf(path string, v int64, unit string) cell {
	c := number("", v, unit)
	c.Sum = path
	return c
}

// restOf is the sum of the figures that are not shown.
func restOf(path string, v int64, unit string) cell {
	c := number("", v, unit)
	c.Rest = path
	return c
}

// bar draws parts of a whole. What is there at all is a hundredth wide.
func bar(whole int64, values ...int64) cell {
	c := cell{}
	left := 100
	for i, v := range values {
		if v <= 0 || whole <= 0 {
			continue
		}
		h := min(max(int(100*(float64(v)/float64(whole))+0.5), 1), left)
		left -= h
		c.Parts = append(c.Parts, part{Class: "s" + strconv.Itoa(i%6), Hundredths: h})
	}
	if c.Parts == nil {
		c.Parts = []part{{Class: "s0"}}
	}
	return c
}

// A table has rows for the items of a list, as many as there is room for.
type table struct {
	name    string
	columns []column
	items   int
	noun    string            // of an item
	most    int               // items; 0: all
	numbers bool              // all cells but the heads of rows are numbers
	rows    func(i int) []row // of an item
	// rest is the row for the items from the i-th on, which are not shown; nil: it says how many these are.
	rest func(i int) row
}

func (c *canvas) table(t table) {
	c.apply("table", map[string]any{"Name": t.name, "Numbers": t.numbers})
	c.apply("thead", t.columns)
	c.raw("<tbody>\n")
	i := 0
	for ; i < t.items && (t.most == 0 || i < t.most) && c.room(); i++ {
		for _, r := range t.rows(i) {
			if t.numbers {
				for k := range r.Cells {
					r.Cells[k].Class = "" // the table says it
				}
			}
			c.apply("row", r)
		}
	}
	if i < t.items {
		r := row{Cells: []cell{{Text: andMore(t.items-i, t.noun), Class: "none", Span: len(t.columns)}}}
		if t.rest != nil {
			r = t.rest(i)
		}
		c.apply("row", r)
	}
	c.raw("</tbody></table></div>\n")
}

// beside is a table in several that stand side by side, each with at most so many items.
func (c *canvas) beside(t table, each int) {
	all := t.items
	if t.most > 0 {
		all = min(all, t.most)
	}
	c.raw("<div class=\"side\">\n")
	at := 0
	for ; at < all && c.room(); at += each {
		from := at
		some := t
		some.items, some.most = min(each, all-from), 0
		some.rows = func(i int) []row { return t.rows(from + i) }
		if from > 0 {
			some.name += " from " + pipeline.Thousands(from+1) + " on"
		}
		c.table(some)
	}
	c.raw("</div>\n")
	c.more(t.items-min(at, all), t.noun)
}

package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/report"
	"github.com/millrace/millrace/pipeline/report/chart"
)

const (
	// mostBetween is how many sources the matrix has, those with the most duplicates.
	mostBetween = 25
	mostGroups  = 40
)

func hasDuplicates(d *report.Duplicates) bool {
	return len(d.Kinds)+len(d.Sources)+len(d.Sizes)+len(d.Groups) > 0 || d.Unknown != 0
}

func duplicates(c *canvas, r *report.Report) {
	d := &r.Duplicates
	if len(d.Kinds) > 0 {
		var all int64
		for _, k := range d.Kinds {
			all += max(k.Documents, 0)
		}
		c.table(table{
			name: "Duplicates by kind", columns: columns("kind", "", "#documents", "#share", ""), items: len(d.Kinds), noun: "kind",
			rows: func(i int) []row {
				k := &d.Kinds[i]
				return []row{{Cells: []cell{head(name(k.Name)), bar(all, k.Documents), count(fmt.Sprintf("duplicates.kinds.%d.documents", i), k.Documents), derived(percent(k.Documents, all)), word(note(k.Note))}}}
			},
		})
	}
	if len(d.Sources) > 0 {
		c.heading("Between sources")
		c.note("A row is the source of the duplicates, a column that of the documents that stay. Darker is more.")
		c.matrix(d)
	}
	if d.Unknown != 0 {
		c.apply("figures", []figure{newFigure("duplicates of documents that are not in the corpus any more", "duplicates.unknown", d.Unknown, report.Count)})
	}
	if len(d.Sizes) > 0 {
		c.heading("Sizes of groups")
		c.note("A group is a document that stays, with all that are duplicates of it.")
		c.sizes(d.Sizes)
	}
	if len(d.Groups) > 0 {
		c.heading("Largest groups")
		c.table(table{
			name: "Largest groups of duplicates", columns: columns("#duplicates", "source", "document that stays", "begins"), items: len(d.Groups), most: mostGroups, noun: "group",
			rows: func(i int) []row {
				g := &d.Groups[i]
				document := word(name(g.Path))
				document.Title = name(g.ID)
				return []row{{Cells: []cell{count(fmt.Sprintf("duplicates.groups.%d.lost", i), g.Lost), {Text: name(g.Source)}, document, word(oneLine(g.Excerpt, mostName))}}}
			},
		})
	}
}

// between is how many duplicates source i has of source j. Rows may be shorter than the list of sources.
func (m *matrix) between(i, j int) int64 {
	if i >= len(m.rows) || j >= len(m.rows[i]) {
		return 0
	}
	return m.rows[i][j]
}

// A matrix is who lost to whom, and which of the sources are shown.
type matrix struct {
	rows  [][]int64
	shown []int // sources, in the order of the report
	rest  []int
	most  int64
}

func newMatrix(d *report.Duplicates) *matrix {
	m := &matrix{rows: d.Between}
	totals := make([]int64, len(d.Sources))
	for i := range d.Sources {
		for j := range d.Sources {
			v := m.between(i, j)
			totals[i] += v
			if j != i {
				totals[j] += v
			}
			m.most = max(m.most, v)
		}
	}
	order := make([]int, len(d.Sources))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(totals[b], totals[a]) })
	n := min(len(order), mostBetween)
	m.shown, m.rest = slices.Sorted(slices.Values(order[:n])), slices.Sorted(slices.Values(order[n:]))
	return m
}

// shade is how dark a cell is, by the root of its number: what is little is told apart, too.
func (m *matrix) shade(v int64) string {
	if v <= 0 || m.most <= 0 {
		return ""
	}
	return fmt.Sprintf("q%d", min(1+int(4.999*math.Sqrt(float64(v)/float64(m.most))), 5))
}

func (m *matrix) sum(from, to []int) (sum int64) {
	for _, i := range from {
		for _, j := range to {
			sum += m.between(i, j)
		}
	}
	return sum
}

func (c *canvas) matrix(d *report.Duplicates) {
	m := newMatrix(d)
	cols := columns("duplicate of → from ↓")
	for _, j := range m.shown {
		cols = append(cols, column{Label: oneLine(d.Sources[j], 24), Class: "n", Title: name(d.Sources[j])})
	}
	items := len(m.shown)
	if len(m.rest) > 0 {
		cols = append(cols, column{Label: pipeline.Counted(len(m.rest), "other"), Class: "n"})
		items++
	}
	sum := func(v int64) cell {
		return cell{Text: pipeline.Thousands(v), Class: "n", Value: strconv.FormatInt(v, 10)}
	}
	c.table(table{name: "Duplicates between sources", columns: cols, items: items, noun: "source", rows: func(k int) []row {
		if k == len(m.shown) {
			cells := []cell{head(pipeline.Counted(len(m.rest), "other"))}
			for _, j := range m.shown {
				cells = append(cells, sum(m.sum(m.rest, []int{j})))
			}
			return []row{{Cells: append(cells, sum(m.sum(m.rest, m.rest)))}}
		}
		i := m.shown[k]
		cells := []cell{head(name(d.Sources[i]))}
		for _, j := range m.shown {
			v := m.between(i, j)
			one := count(fmt.Sprintf("duplicates.between.%d.%d", i, j), v)
			if i >= len(m.rows) || j >= len(m.rows[i]) {
				one = cell{Class: "n"}
			}
			if shade := m.shade(v); shade != "" {
				one.Class += " " + shade
			}
			cells = append(cells, one)
		}
		if len(m.rest) > 0 {
			cells = append(cells, sum(m.sum([]int{i}, m.rest)))
		}
		return []row{{Cells: cells}}
	}})
}

// sizes shows how large groups are.
func (c *canvas) sizes(list []report.Bucket) {
	over := runs(len(list), mostBars)
	names, titles, counts := make([]string, len(over)), make([]string, len(over)), make([]int64, len(over))
	for i, r := range over {
		for k := r.from; k <= r.to; k++ {
			counts[i] += list[k].Documents
		}
		from, to := list[r.from].From, list[r.to].To
		names[i] = compact(from, report.Count)
		if to-1 > from {
			names[i] += "–" + compact(to-1, report.Count)
		}
		titles[i] = between(from, to, report.Count) + " documents: " + pipeline.Counted(counts[i], "group")
	}
	c.raw("<div class=\"charts\">\n")
	defer c.raw("</div>\n")
	c.figure(drawing{name: "Groups by their size", svg: (&chart.Columns{
		Label: "Columns: groups of duplicates by their number of documents", Series: []chart.Series{{Class: "s1", Values: counts}}, Names: names, Titles: titles,
		Axis: func(v int64) string { return compact(v, report.Count) },
	}).SVG(), values: func() {
		c.table(table{name: "Groups by their size", columns: columns("#documents from", "#to less than", "#groups"), items: len(over), noun: "size", rows: func(i int) []row {
			r := over[i]
			return []row{{Cells: []cell{
				count(fmt.Sprintf("duplicates.sizes.%d.from", r.from), list[r.from].From), count(fmt.Sprintf("duplicates.sizes.%d.to", r.to), list[r.to].To),
				r.cell("duplicates.sizes", "documents", counts[i], report.Count),
			}}}
		}})
	}})
}

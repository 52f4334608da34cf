package page

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline/report"
)

// mostSources is how many sources are shown, those with the most documents.
const mostSources = 50

// A sourceColumn is a figure of a source.
type sourceColumn struct {
	label, key, unit string
	of               func(*report.Source) int64
}

var fates = []sourceColumn{
	{"files", "files", report.Count, func(s *report.Source) int64 { return s.Files }},
	{"files refused", "files_rejected", report.Count, func(s *report.Source) int64 { return s.Refused }},
	{"documents read", "read", report.Count, func(s *report.Source) int64 { return s.Read }},
	{"live", "live", report.Count, func(s *report.Source) int64 { return s.Live }},
	{"exact duplicates", "exact_duplicates", report.Count, func(s *report.Source) int64 { return s.Exact }},
	{"same key", "same_key_duplicates", report.Count, func(s *report.Source) int64 { return s.SameKey }},
	{"near duplicates", "near_duplicates", report.Count, func(s *report.Source) int64 { return s.Near }},
	{"filtered", "filtered", report.Count, func(s *report.Source) int64 { return s.Filtered }},
	{"rejected", "rejected", report.Count, func(s *report.Source) int64 { return s.Rejected }},
	{"withdrawn", "withdrawn", report.Count, func(s *report.Source) int64 { return s.Gone }},
}

var volumes = []sourceColumn{
	{"live", "live", report.Count, func(s *report.Source) int64 { return s.Live }},
	{"characters", "chars", report.Chars, func(s *report.Source) int64 { return s.Chars }},
	{"bytes of text", "bytes", report.Bytes, func(s *report.Source) int64 { return s.Bytes }},
	{"shortest", "lengths.least", report.Chars, func(s *report.Source) int64 { return s.Lengths.Least }},
	{"p10", "lengths.p10", report.Chars, func(s *report.Source) int64 { return s.Lengths.P10 }},
	{"median", "lengths.p50", report.Chars, func(s *report.Source) int64 { return s.Lengths.P50 }},
	{"p90", "lengths.p90", report.Chars, func(s *report.Source) int64 { return s.Lengths.P90 }},
	{"p99", "lengths.p99", report.Chars, func(s *report.Source) int64 { return s.Lengths.P99 }},
	{"longest", "lengths.most", report.Chars, func(s *report.Source) int64 { return s.Lengths.Most }},
}

// summed is how many of the columns of volumes can be summed.
const summed = 3

// sources shows what came of every source, and how long its documents are.
func sources(c *canvas, r *report.Report) {
	// A place in the list is the name of a source in paths, so it stays what it was.
	order := make([]int, len(r.Sources))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(r.Sources[b].Live, r.Sources[a].Live), cmp.Compare(r.Sources[b].Read, r.Sources[a].Read))
	})
	c.apply("legend", []column{{Class: "s0", Label: "live"}, {Class: "s1", Label: "duplicates"}, {Class: "s4", Label: "filtered"}, {Class: "s2", Label: "rejected"}, {Class: "s5", Label: "withdrawn"}})
	c.sourceTable("What became of the documents of each source", r.Sources, order, fates, len(fates), func(s *report.Source) *cell {
		fate := bar(max(s.Read, s.Live+s.Exact+s.SameKey+s.Near+s.Filtered+s.Rejected+s.Gone), s.Live, s.Exact+s.SameKey+s.Near, s.Rejected, 0, s.Filtered, s.Gone)
		return &fate
	})
	c.heading("How much, and how long documents are, in characters")
	c.sourceTable("How much each source has, and how long its documents are", r.Sources, order, volumes, summed, nil)
}

// sourceTable shows columns of sources; the sums columns in front are summed over those that are not shown.
func (c *canvas) sourceTable(label string, list []report.Source, order []int, show []sourceColumn, sums int, fate func(*report.Source) *cell) {
	t := table{name: label, columns: columns("source"), items: len(order), most: mostSources, noun: "source"}
	if fate != nil {
		t.columns = append(t.columns, column{})
	}
	for _, col := range show {
		t.columns = append(t.columns, column{Label: col.label, Class: "n"})
	}
	t.rows = func(i int) []row {
		s := &list[order[i]]
		cells := []cell{head(name(s.Name))}
		if fate != nil {
			cells = append(cells, *fate(s))
		}
		for _, col := range show {
			cells = append(cells, number(fmt.Sprintf("sources.%d.%s", order[i], col.key), col.of(s), col.unit))
		}
		return []row{{Cells: cells}}
	}
	t.rest = func(from int) row {
		cells := []cell{head(andMore(len(order)-from, "source"))}
		if fate != nil {
			cells = append(cells, cell{})
		}
		for i, col := range show {
			if i >= sums {
				cells = append(cells, cell{})
				continue
			}
			var sum int64
			for _, at := range order[from:] {
				sum += col.of(&list[at])
			}
			cells = append(cells, restOf("sources.*."+col.key, sum, col.unit))
		}
		return row{Cells: cells}
	}
	c.table(t)
}

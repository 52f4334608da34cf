package chart

import (
	"math"
	"slices"
)

// Histogram shows how a figure is distributed.
type Histogram struct {
	Label string // what a reader hears
	Bars  []Bar  // ascending
	Log   bool   // the axis of the figure is logarithmic
	Marks []Mark
	// Axis writes a number of the figure for the axis.
	Axis func(int64) string
}

// Bar is how many have a figure of From or more, and less than To.
type Bar struct {
	From, To int64
	Count    int64
	Title    string // said when it is pointed at
}

// Mark is a vertical line.
type Mark struct {
	At    int64
	Label string
}

// Size of a histogram, and what is left and below for the axes.
const (
	smallWidth, smallHeight = 400, 150
	leftMargin, axisHeight  = 8, 18
	markRow                 = 13
	mostMarkRows            = 4
)

// SVG draws the histogram. The area of a bar is its count where bars are not equally wide, so that a wide bucket does not seem to
// hold more than it does; otherwise its height is.
func (h *Histogram) SVG() []byte {
	if len(h.Bars) == 0 {
		return nil
	}
	a := h.axis()
	rows, labels := h.place(a)
	top := float64(6 + markRow*rows)
	bottom := top + smallHeight - axisHeight
	d := open("chart", h.Label, smallWidth, bottom+axisHeight)
	d.line("axis", leftMargin, bottom, smallWidth-leftMargin, bottom, "")

	heights, most := make([]float64, len(h.Bars)), 0.0
	widths := h.widths(a)
	for i, bar := range h.Bars {
		heights[i] = float64(max(bar.Count, 0)) / widths[i]
		most = max(most, heights[i])
	}
	d.add(`<g class="s0">`)
	for i, bar := range h.Bars {
		x, end := a.at(float64(bar.From)), a.at(float64(bar.To))
		height := 0.0
		if most > 0 {
			height = (bottom - top) * heights[i] / most
		}
		if bar.Count > 0 {
			height = max(height, 1) // seen, however small
		}
		width := max(end-x, 2)
		if width > 4 {
			width -= 0.6 // a gap
		}
		d.rect("", x, bottom-height, width, height, bar.Title)
	}
	d.add("</g>")
	h.ticks(d, a, bottom)
	for i, mark := range h.Marks {
		if a.has(float64(mark.At)) {
			x := a.at(float64(mark.At))
			d.line("mark", x, max(labels[i].y-8, 0), x, bottom, mark.Label)
		}
	}
	for i, mark := range h.Marks {
		x := a.at(float64(mark.At))
		if labels[i].anchor != "" {
			d.text("mark", labels[i].anchor, x+labels[i].shift, labels[i].y, h.label(a, i))
		}
	}
	return d.close()
}

// leastShare is how much of the axis the bars have at least, whatever marks there are.
const leastShare = 0.125

// axis is one that all bars are on, and the marks that are not too far from them.
func (h *Histogram) axis() axis {
	least, most := h.Bars[0].From, h.Bars[len(h.Bars)-1].To
	bars := newAxis(least, most, h.Log, 0, 1)
	for _, mark := range h.Marks {
		wider := newAxis(min(least, mark.At), max(most, mark.At), h.Log, 0, 1)
		if (bars.most-bars.least)/(wider.most-wider.least) >= leastShare {
			least, most = min(least, mark.At), max(most, mark.At)
		}
	}
	return newAxis(least, most, h.Log, leftMargin, smallWidth-leftMargin)
}

// label is that of a mark, with an arrow if it is beyond the axis.
func (h *Histogram) label(a axis, i int) string {
	mark := h.Marks[i]
	switch {
	case a.has(float64(mark.At)):
		return mark.Label
	case a.scale(float64(mark.At)) < a.least:
		return "← " + mark.Label
	}
	return mark.Label + " →"
}

// widths are what the counts of bars are divided by for their heights: how wide each is drawn, or the same for all if they are about
// equally wide. A bar that is far narrower than the others, such as one for 0 alone, counts as one of them: it would hide them.
func (h *Histogram) widths(a axis) []float64 {
	list := make([]float64, len(h.Bars))
	for i, bar := range h.Bars {
		list[i] = max(a.at(float64(bar.To))-a.at(float64(bar.From)), 0.1)
	}
	sorted := slices.Sorted(slices.Values(list))
	median := sorted[len(sorted)/2]
	even := sorted[len(sorted)-1] <= 1.6*median
	for i := range list {
		if even || list[i] < median/2 {
			list[i] = median
		}
	}
	return list
}

func (h *Histogram) ticks(d *drawing, a axis, bottom float64) {
	end := math.Inf(-1) // of the label before
	for _, tick := range a.ticks(5) {
		x, label := a.at(float64(tick)), h.Axis(tick)
		half := wide(label) / 2
		at := min(max(x, half), smallWidth-half)
		d.line("axis", x, bottom, x, bottom+3, "")
		if at-half < end+4 && tick != 0 {
			continue
		}
		d.text("", "middle", at, bottom+14, label)
		end = at + half
	}
}

// A placed label stands in a row above the bars, beside its line. One without an anchor has found no room.
type placed struct {
	anchor   string
	shift, y float64
}

// place finds room for the labels of marks: each in the first row where nothing is in its way. It says how many rows there are.
func (h *Histogram) place(a axis) (rows int, labels []placed) {
	labels = make([]placed, len(h.Marks))
	order := make([]int, len(h.Marks))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return int(min(max(a.at(float64(h.Marks[i].At))-a.at(float64(h.Marks[j].At)), -1), 1))
	})
	var ends [mostMarkRows]float64
	for _, i := range order {
		x, width := a.at(float64(h.Marks[i].At)), wide(h.label(a, i))
		labels[i] = placed{y: 0}
		for row := range ends {
			begin, anchor, shift := x+3, "start", 3.0
			if begin+width > smallWidth {
				begin, anchor, shift = x-3-width, "end", -3.0
			}
			if begin < ends[row] || begin < 0 {
				continue
			}
			ends[row] = max(begin+width, x) + 4
			labels[i] = placed{anchor: anchor, shift: shift, y: float64(11 + markRow*row)}
			rows = max(rows, row+1)
			break
		}
	}
	for i := range labels {
		if labels[i].anchor == "" {
			labels[i].y = float64(markRow * rows)
		}
	}
	return rows, labels
}

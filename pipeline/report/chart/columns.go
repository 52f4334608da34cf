package chart

import "math"

// Columns shows parts of wholes beside each other, such as what became of the documents of each version.
type Columns struct {
	Label  string // what a reader hears
	Series []Series
	Names  []string // of the columns; as many as have room are written
	Titles []string // said when a column is pointed at; may be missing
	// Axis writes a number of the series for the axis.
	Axis func(int64) string
	Step int64 // numbers of the axis are round multiples of it; 0: of 1
	Wide bool  // over the whole page, not one of several beside each other
}

// Series is a part of all columns, or a curve.
type Series struct {
	Class  string // s0 to s5
	Values []int64
}

// A plot is where columns and curves are drawn: between left and right, top and bottom, with room for the numbers of the axes.
type plot struct {
	class                    string
	width, height            float64
	left, right, top, bottom float64
	ticksDown, ticksAcross   int
}

func newPlot(over bool) plot {
	if over {
		return plot{class: "chart wide", width: 880, height: 200, left: 56, right: 880, top: 10, bottom: 200 - axisHeight, ticksDown: 4, ticksAcross: 8}
	}
	return plot{class: "chart", width: 400, height: 150, left: 50, right: 400, top: 10, bottom: 150 - axisHeight, ticksDown: 4, ticksAcross: 5}
}

// SVG draws the columns, each series on top of those before it. Negative values are drawn as none.
func (c *Columns) SVG() []byte {
	n := len(c.Names)
	if n == 0 {
		return nil
	}
	sums, most := make([]float64, n), 0.0
	for _, s := range c.Series {
		for i, v := range s.Values[:min(n, len(s.Values))] {
			sums[i] += float64(max(v, 0))
			most = max(most, sums[i])
		}
	}
	p := newPlot(c.Wide)
	y := newAxis(0, clamped(most), false, p.bottom, p.top)
	y.unit = float64(c.Step)
	d := open(p.class, c.Label, p.width, p.height)
	p.frame(d, y, c.Axis)

	step := (p.right - p.left) / float64(n)
	width := step
	if step > 4 {
		width = step * 0.86
	}
	width = min(width, 60)
	left := func(i int) float64 { return p.left + step*float64(i) + (step-width)/2 }
	base := make([]float64, n)
	for _, s := range c.Series {
		d.add(`<path class="`, s.Class, `" d="`)
		for i, v := range s.Values[:min(n, len(s.Values))] {
			if v <= 0 {
				continue
			}
			low, high := y.at(base[i]), y.at(base[i]+float64(v))
			base[i] += float64(v)
			high = min(high, low-0.4) // seen, however small
			d.add("M")
			d.number(left(i))
			d.add(" ")
			d.number(low)
			d.add("h")
			d.number(width)
			d.add("V")
			d.number(high)
			d.add("h")
			d.number(-width)
			d.add("z")
		}
		d.add(`"/>`)
	}
	p.names(d, c.Names, func(i int) float64 { return p.left + step*(float64(i)+0.5) })
	for i, title := range c.Titles[:min(n, len(c.Titles))] {
		d.rect("hit", p.left+step*float64(i), p.top, step, p.bottom-p.top, title)
	}
	return d.close()
}

// clamped is a number that an axis can have.
func clamped(v float64) int64 {
	if v >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(v)
}

// frame draws the lines of the figures and what they stand for.
func (p plot) frame(d *drawing, y axis, label func(int64) string) {
	for _, tick := range y.ticks(p.ticksDown) {
		at := y.at(float64(tick))
		if at < p.bottom {
			d.line("grid", p.left, at, p.right, at, "")
		}
		d.text("", "end", p.left-6, at+4, label(tick))
	}
	d.line("axis", p.left, p.bottom, p.right, p.bottom, "")
}

// names writes those names below the axis that have room: the first, the last, and of the others what is between.
func (p plot) names(d *drawing, list []string, at func(int) float64) {
	place := func(i int) (begin, width float64) {
		width = wide(list[i])
		return min(max(at(i)-width/2, 0), p.width-width), width
	}
	last, _ := place(len(list) - 1)
	end := math.Inf(-1)
	for i := range list {
		begin, width := place(i)
		if i < len(list)-1 && (begin < end+14 || begin+width > last-14) {
			continue
		}
		d.text("", "middle", begin+width/2, p.bottom+14, list[i])
		end = begin + width
	}
}

package chart

// Curve shows how one number follows another, by a line through points.
type Curve struct {
	Label  string // what a reader hears
	Points []Point
	Log    bool  // the axis of At is logarithmic
	Most   int64 // of the axis of Value; 0: that of the points
	Class  string
	// AxisX and AxisY write numbers for the axes.
	AxisX, AxisY func(int64) string
	Titles       []string // said when a point is pointed at; may be missing
	Wide         bool     // over the whole page, not one of several beside each other
}

// Point is a point of a curve.
type Point struct{ At, Value int64 }

// SVG draws the curve. Points come in the order of At.
func (c *Curve) SVG() []byte {
	if len(c.Points) == 0 {
		return nil
	}
	most := c.Most
	for _, point := range c.Points {
		most = max(most, point.Value)
	}
	p := newPlot(c.Wide)
	x := newAxis(c.Points[0].At, c.Points[len(c.Points)-1].At, c.Log, p.left+4, p.right-8)
	y := newAxis(0, most, false, p.bottom, p.top)
	d := open(p.class, c.Label, p.width, p.height)
	p.frame(d, y, c.AxisY)

	ticks := x.ticks(p.ticksAcross)
	labels := make([]string, len(ticks))
	for i, tick := range ticks {
		labels[i] = c.AxisX(tick)
	}
	if len(ticks) > 0 {
		p.names(d, labels, func(i int) float64 { return x.at(float64(ticks[i])) })
	}
	if len(c.Points) == 1 {
		d.rect(c.Class, x.at(float64(c.Points[0].At))-2, y.at(float64(c.Points[0].Value))-2, 4, 4, "")
	}
	d.add(`<path class="plot `, c.Class, `" d="`)
	for i, point := range c.Points {
		if i == 0 {
			d.add("M")
		} else {
			d.add("L")
		}
		d.number(x.at(float64(point.At)))
		d.add(" ")
		d.number(y.at(float64(point.Value)))
	}
	d.add(`"/>`)
	for i, title := range c.Titles[:min(len(c.Points), len(c.Titles))] {
		// A point answers for what is nearer to it than to its neighbours.
		begin, end := p.left, p.right
		at := x.at(float64(c.Points[i].At))
		if i > 0 {
			begin = (at + x.at(float64(c.Points[i-1].At))) / 2
		}
		if i < len(c.Points)-1 {
			end = (at + x.at(float64(c.Points[i+1].At))) / 2
		}
		d.rect("hit", begin, p.top, end-begin, p.bottom-p.top, title)
	}
	return d.close()
}

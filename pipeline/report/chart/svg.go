// Package chart draws figures as SVG that stands in a page: histograms, columns and curves. Its shapes have the classes of package
// look, which colours them. Texts are escaped; what cannot be drawn, such as a figure below the least of its axis, is drawn at the
// edge. The same figures give the same bytes.
//
// A chart is a picture with a label: role img. Whoever shows one also gives its values as a table.
package chart

import (
	"html"
	"math"
	"strconv"
)

// drawing is SVG that is being written.
type drawing struct {
	b      []byte
	height float64
}

// open begins a picture that is width × height units large.
func open(class, label string, width, height float64) *drawing {
	d := &drawing{height: height}
	d.add(`<svg class="`, class, `" viewBox="0 0 `)
	d.number(width)
	d.add(" ")
	d.number(height)
	d.add(`" role="img" aria-label="`, html.EscapeString(label), `">`)
	return d
}

func (d *drawing) close() []byte {
	d.add("</svg>")
	return d.b
}

func (d *drawing) add(parts ...string) {
	for _, part := range parts {
		d.b = append(d.b, part...)
	}
}

// number writes a coordinate to a tenth. What is no number, or far outside of any picture, is brought back to its edge.
func (d *drawing) number(v float64) {
	if math.IsNaN(v) {
		v = 0
	}
	v = math.Round(10*min(max(v, -9999), 9999)) / 10
	if v == 0 {
		v = 0 // no -0
	}
	d.b = strconv.AppendFloat(d.b, v, 'f', -1, 64)
}

func (d *drawing) attribute(name string, v float64) {
	d.add(" ", name, `="`)
	d.number(v)
	d.add(`"`)
}

// rect draws a rectangle, which says title when it is pointed at.
func (d *drawing) rect(class string, x, y, width, height float64, title string) {
	d.add("<rect")
	if class != "" {
		d.add(` class="`, class, `"`)
	}
	d.attribute("x", x)
	d.attribute("y", y)
	d.attribute("width", max(width, 0))
	d.attribute("height", max(height, 0))
	if title == "" {
		d.add("/>")
		return
	}
	d.add("><title>", html.EscapeString(title), "</title></rect>")
}

// line draws a line, which says title when it is pointed at.
func (d *drawing) line(class string, x1, y1, x2, y2 float64, title string) {
	d.add(`<line class="`, class, `"`)
	d.attribute("x1", x1)
	d.attribute("y1", y1)
	d.attribute("x2", x2)
	d.attribute("y2", y2)
	if title == "" {
		d.add("/>")
		return
	}
	d.add("><title>", html.EscapeString(title), "</title></line>")
}

// text draws a text whose anchor, "start", "middle" or "end", is at x.
func (d *drawing) text(class, anchor string, x, y float64, text string) {
	d.add("<text")
	if class != "" {
		d.add(` class="`, class, `"`)
	}
	if anchor != "start" {
		d.add(` text-anchor="`, anchor, `"`)
	}
	d.attribute("x", x)
	d.attribute("y", y)
	d.add(">", html.EscapeString(text), "</text>")
}

// wide is about how many units a text takes, at 11 units a line.
func wide(text string) (units float64) {
	for _, r := range text {
		switch {
		case r >= 0x1100:
			units += 11
		default:
			units += 6.2
		}
	}
	return units
}

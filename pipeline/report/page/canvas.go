package page

import (
	_ "embed" // the templates
	"html/template"
	"io"
)

//go:embed page.html
var pieces string

var templates = template.Must(template.New("page").Parse(pieces))

// A canvas is a page that is being written. After an error it takes no more.
type canvas struct {
	w     io.Writer
	n     int64 // bytes so far
	limit int64 // at which the section has to end
	err   error
}

// Write is for templates.
func (c *canvas) Write(b []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.w.Write(b)
	c.n += int64(n)
	c.err = err
	return n, err
}

func (c *canvas) write(b []byte) { _, _ = c.Write(b) } // the error is kept

// raw writes markup that holds nothing of a report.
func (c *canvas) raw(markup string) { c.write([]byte(markup)) }

// apply writes a piece of page.html with data.
func (c *canvas) apply(piece string, data any) {
	if c.err != nil {
		return
	}
	if err := templates.ExecuteTemplate(c, piece, data); err != nil && c.err == nil {
		c.err = err
	}
}

// room says whether the section may go on.
func (c *canvas) room() bool { return c.n < c.limit && c.err == nil }

// details hides what draw writes behind a summary.
func (c *canvas) details(summary string, draw func()) {
	c.apply("details", visible(summary, 300))
	draw()
	c.raw("</details>\n")
}

func (c *canvas) heading(text string) { c.apply("heading", text) }

func (c *canvas) note(text string) {
	if text != "" {
		c.apply("note", text)
	}
}

// A drawing is a chart with what belongs to it.
type drawing struct {
	name, remark string
	legend       []column
	wide         bool // over the whole page
	svg          []byte
	values       func() // writes the table of its values; nil: another table has them
}

func (c *canvas) figure(d drawing) {
	if d.wide {
		c.raw("<figure class=\"wide\">\n")
	} else {
		c.raw("<figure>\n")
	}
	c.apply("caption", map[string]string{"Name": d.name, "Note": d.remark})
	if len(d.legend) > 0 {
		c.apply("legend", d.legend)
	}
	if d.wide {
		c.apply("picture", d.name)
	}
	c.write(d.svg)
	if d.wide {
		c.raw("</div>\n")
	}
	if d.values != nil {
		c.details("Values", d.values)
	}
	c.raw("</figure>\n")
}

// more says that a list goes on.
func (c *canvas) more(n int, noun string) {
	if n > 0 {
		c.apply("more", andMore(n, noun))
	}
}

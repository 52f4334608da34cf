package markup

import (
	"bytes"
	"strconv"

	"golang.org/x/net/html/atom"
)

// Bounds of tables. Beyond them cells are still parted, but columns that others take are not counted.
const (
	maxTables  = 8    // that nest
	maxColumns = 32   // of which is known that a cell of a row before reaches into them
	maxSpan    = 1000 // columns or rows of a cell (HTML Standard, 4.9.11)
)

// table is where the current row of a table stands.
type table struct {
	column int  // of the last cell; -1: there was none
	next   int  // behind it
	begun  int  // where the row begins, in out
	cellAt int  // where the last cell does
	nested bool // there was a table in it
	spans  [maxColumns]uint16
	wide   int // columns that spans may have something in
}

// row takes the tag of a table, or of what is in it and is no cell.
func (p *page) row(a atom.Atom) {
	switch a {
	case atom.Table:
		if p.z.Raw()[1] != '/' {
			if len(p.outer) < maxTables {
				p.outer = append(p.outer, p.table)
			}
			p.table = table{}
		}
	case atom.Tr:
		if p.z.Raw()[1] != '/' {
			for i := range p.table.spans[:p.table.wide] {
				p.table.spans[i] = max(p.table.spans[i], 1) - 1
			}
		}
	}
	p.table.column, p.table.next, p.table.begun = -1, 0, len(p.out)
}

// endTable goes on with the table around.
func (p *page) endTable() {
	if n := len(p.outer); n > 0 {
		p.table, p.outer = p.outer[n-1], p.outer[:n-1]
		p.table.nested = true
	}
}

// cell takes the start of a cell: it puts as many tabs before its text as there are columns between it and the text before.
func (p *page) cell(tag attributes) {
	t := &p.table
	at := t.next
	for at < t.wide && t.spans[at] > 0 {
		at++
	}
	tabs := 0 // before the first cell of a row
	if t.column >= 0 {
		tabs = 1
	}
	if extra := min(at-max(t.column, 0)-tabs, p.extra); extra > 0 {
		p.extra -= extra
		tabs += extra
	}
	if len(p.out) > t.begun && t.column >= 0 {
		// What ends and begins with blocks is in one row nevertheless. A cell of several lines is none of a row that one reads.
		text := bytes.TrimLeft(p.out[min(t.cellAt, len(p.out)):], "\n\t")
		p.newline = t.nested || bytes.IndexByte(text, '\n') >= 0
		if p.newline {
			tabs, p.tabs = 0, 0
		}
	}
	p.tabs += tabs
	columns, rows := max(tag.colspan, 1), max(tag.rowspan, 1)
	t.column, t.next, t.cellAt, t.nested = at, at+columns, len(p.out), false
	if rows > 1 {
		for i := at; i < min(at+columns, maxColumns); i++ {
			t.spans[i] = uint16(rows)
			t.wide = max(t.wide, i+1)
		}
	}
}

// span reads how many columns or rows a cell takes; 0 if that is not said.
func span(value []byte) int {
	n, err := strconv.Atoi(string(bytes.TrimSpace(value)))
	if err != nil || n < 0 {
		return 0
	}
	return min(n, maxSpan)
}

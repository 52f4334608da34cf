package article

import (
	"bytes"
	"strconv"

	"github.com/millrace/millrace/stages/parse/markup"
)

// markdown appends the text with its structure, as CommonMark has it: headings, lists, quotes and code, and tables as GitHub has
// them. all says that nothing is left out.
func (e *Extractor) markdown(dst []byte, all bool) []byte {
	e.placeAll()
	m := writer{e: e, out: dst, start: len(dst), last: -1}
	for i := range e.blocks {
		if all || e.blocks[i].taken {
			m.block(i)
		}
	}
	m.endCode()
	if e.comments && !all {
		m.last = -1
		for i := range e.blocks {
			if e.isComment(&e.blocks[i]) {
				m.block(i)
			}
		}
		m.endCode()
	}
	return m.out
}

// Bounds of what is marked.
const (
	maxListDepth  = 8
	maxQuoteDepth = 4
)

// place is what a container stands in. Others are meant by their index plus one; 0: none.
type place struct {
	heading          uint8 // its level
	quotes           uint8
	quote            int32 // the outermost
	code, row, table int32 // the innermost
	item             int32 // the innermost list item
	list             int32 // the outermost list

	width int32 // of the mark of the item that it is, in characters; 0: not written yet
	count int32 // items of the list that it is, so far
}

// placeAll finds the places of all containers, those around others before those.
func (e *Extractor) placeAll() {
	e.places = e.places[:0]
	for i, c := range e.outline.Containers {
		var p place
		if c.Parent >= 0 {
			p = e.places[c.Parent]
			p.width, p.count = 0, 0
		}
		self := int32(i) + 1
		switch t := c.Tag; {
		case t.IsHeading():
			p.heading = uint8(t-markup.TagH1) + 1
		case t == markup.TagPre:
			p.code = self
		case t == markup.TagTr:
			p.row = self
		case t == markup.TagTable:
			p.table, p.row = self, 0
		case t == markup.TagLi:
			if p.item == 0 {
				p.list = c.Parent + 1
			}
			p.item = self
		case t == markup.TagBlockquote:
			if p.quotes == 0 {
				p.quote = self
			}
			p.quotes = min(p.quotes+1, maxQuoteDepth)
		}
		e.places = append(e.places, p)
	}
}

// writer writes blocks as Markdown.
type writer struct {
	e     *Extractor
	out   []byte
	start int
	last  int   // block that was written last; -1: none
	at    place // its place

	code  int32  // container of the code that is open, plus one; 0: none
	fence string // around it
	table int32  // table of the row that is open, plus one
	cells int    // in the first row of it
	rows  int
}

// block writes one block.
func (m *writer) block(i int) {
	b := &m.e.blocks[i]
	p := m.e.places[b.container]
	text := m.e.text[b.from:b.to]
	if m.code != p.code {
		m.endCode()
	}
	switch {
	case p.code > 0:
		m.codeLine(i, b, p, text)
	case p.table > 0 && m.isRow(i, p):
		m.cell(i, b, p, bytes.TrimSpace(text))
	default:
		m.line(b, p, bytes.TrimSpace(text))
	}
	m.last, m.at = i, p
}

// part begins a paragraph, or only a line, behind what is written.
func (m *writer) part(p place, paragraph bool) {
	if len(m.out) == m.start {
		return
	}
	if m.out = append(m.out, '\n'); !paragraph {
		return
	}
	if m.last >= 0 && p.quote == m.at.quote {
		for range min(p.quotes, m.at.quotes) {
			m.out = append(m.out, '>') // the quote goes on
		}
	}
	m.out = append(m.out, '\n')
}

func (m *writer) endCode() {
	if m.code > 0 {
		m.out = append(m.out, '\n')
		m.indent(m.at)
		m.out = append(m.out, m.fence...)
		m.code = 0
	}
}

// codeLine writes a line of code as it is, with the blank ones before it.
func (m *writer) codeLine(i int, b *block, p place, text []byte) {
	switch {
	case m.code != p.code:
		m.code, m.fence = p.code, m.fenceOf(i, p.code)
		if m.begins(p) {
			m.part(p, m.at.list != p.list)
			m.mark(p)
		} else {
			m.part(p, p.item == 0 || m.at.item != p.item)
			m.indent(p)
		}
		m.out = append(append(m.out, m.fence...), '\n')
	case m.last == i-1:
		for range max(bytes.Count(m.e.text[m.e.blocks[m.last].to:b.from], []byte("\n")), 1) {
			m.out = append(m.out, '\n')
		}
	default:
		m.out = append(m.out, '\n')
	}
	m.indent(p)
	m.out = append(m.out, text...)
	m.table = 0
}

// fenceOf is what stands around the code that begins with a block: it does not stand in the code.
func (m *writer) fenceOf(i int, code int32) string {
	for ; i < len(m.e.blocks); i++ {
		b := &m.e.blocks[i]
		if m.e.places[b.container].code != code {
			break
		}
		if bytes.Contains(m.e.text[b.from:b.to], []byte("```")) {
			return "~~~~"
		}
	}
	return "```"
}

// isRow says whether a block is a cell of a row of several.
func (m *writer) isRow(i int, p place) bool {
	if p.row == 0 {
		return false
	}
	bs := m.e.blocks
	return bs[i].cell || i+1 < len(bs) && bs[i+1].cell && bs[i+1].line == bs[i].line || m.table == p.table
}

// cell writes a cell of a table.
func (m *writer) cell(i int, b *block, p place, text []byte) {
	same := m.last >= 0 && m.e.blocks[m.last].line == b.line && m.table == p.table
	switch {
	case same:
		m.out = append(m.out, ' ')
		m.cells++
	case m.table == p.table:
		m.part(p, false)
		m.out = append(m.out, "| "...)
		m.rows++
		m.cells = 1
	default:
		m.part(p, true)
		m.out = append(m.out, "| "...)
		m.table, m.rows, m.cells = p.table, 1, 1
	}
	for _, ch := range text {
		if ch == '|' {
			m.out = append(m.out, '\\')
		}
		m.out = append(m.out, ch)
	}
	m.out = append(m.out, " |"...)
	bs := m.e.blocks
	if m.rows == 1 && (i+1 == len(bs) || bs[i+1].line != b.line) {
		m.out = append(m.out, "\n|"...)
		for range m.cells {
			m.out = append(m.out, " --- |"...)
		}
	}
}

// line writes a heading, an item of a list, or a line of a paragraph.
func (m *writer) line(b *block, p place, text []byte) {
	m.table = 0
	if p.heading == 0 && m.last >= 0 && m.e.blocks[m.last].container == b.container {
		m.part(p, false) // a line within a paragraph
		m.quote(p)
		m.indent(p)
		m.escape(text)
		return
	}
	if m.begins(p) {
		m.part(p, m.last < 0 || m.at.list != p.list)
		m.quote(p)
		m.mark(p)
	} else {
		m.part(p, true)
		m.quote(p)
		m.indent(p)
	}
	if p.heading == 0 {
		m.escape(text)
		return
	}
	for range p.heading {
		m.out = append(m.out, '#')
	}
	m.out = append(append(m.out, ' '), text...)
}

// begins says whether nothing is written yet of the list item that something is in.
func (m *writer) begins(p place) bool { return p.item > 0 && m.e.places[p.item-1].width == 0 }

func (m *writer) quote(p place) {
	for range p.quotes {
		m.out = append(m.out, "> "...)
	}
}

// mark writes what a list item begins with.
func (m *writer) mark(p place) {
	item := p.item - 1
	list := m.e.outline.Containers[item].Parent
	if list >= 0 {
		m.indent(m.e.places[list])
	}
	at := len(m.out)
	if list >= 0 && m.e.outline.Containers[list].Tag == markup.TagOl {
		m.e.places[list].count++
		m.out = strconv.AppendInt(m.out, int64(m.e.places[list].count), 10)
		m.out = append(m.out, ". "...)
	} else {
		m.out = append(m.out, "- "...)
	}
	m.e.places[item].width = int32(len(m.out) - at)
}

// indent writes the white space before what belongs to a list item, and is not the first of it.
func (m *writer) indent(p place) {
	for range maxListDepth {
		if p.item == 0 {
			return
		}
		for range m.e.places[p.item-1].width {
			m.out = append(m.out, ' ')
		}
		list := m.e.outline.Containers[p.item-1].Parent
		if list < 0 {
			return
		}
		p = m.e.places[list]
	}
}

// escape writes a line so that it does not begin like a mark.
func (m *writer) escape(text []byte) {
	switch {
	case len(text) == 0:
	case text[0] == '#', text[0] == '>', (text[0] == '-' || text[0] == '+' || text[0] == '*') && len(text) > 1 && text[1] == ' ',
		bytes.HasPrefix(text, []byte("```")):
		m.out = append(m.out, '\\')
	default:
		n := 0
		for n < len(text) && n < 9 && '0' <= text[n] && text[n] <= '9' {
			n++
		}
		if n > 0 && n+1 < len(text) && (text[n] == '.' || text[n] == ')') && text[n+1] == ' ' {
			m.out = append(append(m.out, text[:n]...), '\\')
			text = text[n:]
		}
	}
	m.out = append(m.out, text...)
}

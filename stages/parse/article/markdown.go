package article

import (
	"bytes"
	"strconv"

	"millrace/stages/parse/markup"
)

// markdown appends the text with its structure, as CommonMark has it: headings, lists, quotes and code, and tables as GitHub has
// them. all says that nothing is left out.
func (e *Extractor) markdown(dst []byte, all, comments bool) []byte {
	m := writer{e: e, out: dst, start: len(dst), last: -1}
	for i := range e.blocks {
		if all || e.blocks[i].taken {
			m.block(i)
		}
	}
	m.endCode()
	if comments && !all {
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
	maxContext    = 32 // containers around a line that are looked at
)

// writer writes blocks as Markdown.
type writer struct {
	e     *Extractor
	out   []byte
	start int
	last  int // block that was written last; -1: none

	code   int32         // container of the code that is open, plus one; 0: none
	item   int32         // list item that was written last, plus one
	list   int32         // outermost list that it is in, plus one
	counts map[int32]int // items so far of the lists with numbers
	table  int32         // table of the row that is open, plus one
	cells  int           // in the first row of it
	rows   int
}

// context is what a block stands in.
type context struct {
	heading          int
	code, row, table int32 // containers, plus one; 0: none
	items            [maxListDepth]int32
	depth            int // of lists
	quotes           int
}

// context reads what is around a block.
func (m *writer) context(b *block) (c context) {
	cs := m.e.outline.Containers
	for i, steps := b.container, 0; i >= 0 && steps < maxContext; i, steps = cs[i].Parent, steps+1 {
		switch t := cs[i].Tag; {
		case t.IsHeading() && c.heading == 0:
			c.heading = int(t-markup.TagH1) + 1
		case t == markup.TagPre && c.code == 0:
			c.code = i + 1
		case t == markup.TagTr && c.row == 0:
			c.row = i + 1
		case t == markup.TagTable && c.table == 0:
			c.table = i + 1
		case t == markup.TagLi && c.depth < maxListDepth:
			c.items[c.depth] = i
			c.depth++
		case t == markup.TagBlockquote:
			c.quotes = min(c.quotes+1, maxQuoteDepth)
		}
	}
	return c
}

// block writes one block.
func (m *writer) block(i int) {
	b := &m.e.blocks[i]
	c := m.context(b)
	text := m.e.text[b.from:b.to]
	switch {
	case c.code > 0:
		m.codeLine(i, b, c, text)
	case c.table > 0 && m.isRow(i, c):
		m.cell(i, b, c, bytes.TrimSpace(text))
	default:
		m.line(b, c, bytes.TrimSpace(text))
	}
	m.last = i
}

// separate puts line ends behind what is written.
func (m *writer) separate(lines int) {
	if len(m.out) == m.start {
		return
	}
	for range lines {
		m.out = append(m.out, '\n')
	}
}

func (m *writer) endCode() {
	if m.code > 0 {
		m.out = append(m.out, "\n```"...)
		m.code = 0
	}
}

// codeLine writes a line of code as it is, with the blank ones before it.
func (m *writer) codeLine(i int, b *block, c context, text []byte) {
	if m.code != c.code {
		m.endCode()
		m.separate(2)
		m.out = append(m.out, "```\n"...)
		m.code = c.code
	} else {
		gap := 1
		if m.last == i-1 {
			gap = max(bytes.Count(m.e.text[m.e.blocks[m.last].to:b.from], []byte("\n")), 1)
		}
		m.separate(gap)
	}
	m.out = append(m.out, text...)
	m.table, m.item = 0, 0
}

// isRow says whether a block is a cell of a row of several.
func (m *writer) isRow(i int, c context) bool {
	if c.row == 0 {
		return false
	}
	bs := m.e.blocks
	return bs[i].cell || i+1 < len(bs) && bs[i+1].cell && bs[i+1].line == bs[i].line || m.table == c.table
}

// cell writes a cell of a table.
func (m *writer) cell(i int, b *block, c context, text []byte) {
	m.endCode()
	same := m.last >= 0 && m.e.blocks[m.last].line == b.line && m.table == c.table
	switch {
	case same:
		m.out = append(m.out, ' ')
		m.cells++
	case m.table == c.table:
		m.separate(1)
		m.out = append(m.out, "| "...)
		m.rows++
		m.cells = 1
	default:
		m.separate(2)
		m.out = append(m.out, "| "...)
		m.table, m.rows, m.cells = c.table, 1, 1
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
	m.item = 0
}

// line writes a heading, an item of a list, or a line of a paragraph.
func (m *writer) line(b *block, c context, text []byte) {
	m.endCode()
	m.table = 0
	item := int32(0)
	if c.depth > 0 {
		item = c.items[0] + 1
	}
	first := item > 0 && item != m.item // the first line of an item
	switch {
	case m.last < 0:
		m.separate(2)
	case item > 0 && m.item > 0 && m.list == m.listOf(c):
		m.separate(1)
	case m.last >= 0 && m.e.blocks[m.last].container == b.container && c.heading == 0:
		m.separate(1) // a line within a paragraph
		m.prefix(c, false)
		m.escape(text)
		return
	default:
		m.separate(2)
	}
	m.prefix(c, first)
	if c.heading > 0 {
		for range c.heading {
			m.out = append(m.out, '#')
		}
		m.out = append(m.out, ' ')
	}
	m.escape(text)
	m.item, m.list = item, m.listOf(c)
}

// listOf is the outermost list that a block is in, plus one; 0: none.
func (m *writer) listOf(c context) int32 {
	if c.depth == 0 {
		return 0
	}
	return m.e.outline.Containers[c.items[c.depth-1]].Parent + 1
}

// prefix writes the marks of quotes and lists.
func (m *writer) prefix(c context, first bool) {
	for range c.quotes {
		m.out = append(m.out, "> "...)
	}
	for range c.depth - 1 {
		m.out = append(m.out, "  "...)
	}
	if c.depth == 0 {
		return
	}
	if !first {
		m.out = append(m.out, "  "...)
		return
	}
	cs := m.e.outline.Containers
	list := cs[c.items[0]].Parent
	if list >= 0 && cs[list].Tag == markup.TagOl {
		if m.counts == nil {
			m.counts = map[int32]int{}
		}
		m.counts[list]++
		m.out = strconv.AppendInt(m.out, int64(m.counts[list]), 10)
		m.out = append(m.out, ". "...)
		return
	}
	m.out = append(m.out, "- "...)
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

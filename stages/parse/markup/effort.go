package markup

import "bytes"

// The parser of Markdown takes time that grows with the product of some things: of the containers that nest and the lines
// in them, of the brackets of a paragraph and its length, of the columns of a table and its rows; and memory for whatever
// may be a node. These bounds keep each of them to a fixed effort a byte, far above what people write. They count what may
// be meant as Markdown, in code, too: so it is cheap to know, by one look at each byte.
const (
	maxMarkdown = 16 << 20 // bytes of a document
	maxDepth    = 100      // containers around a line
	maxNodes    = 1 << 18  // lines, and characters that may begin or end something within one
	maxCells    = 1 << 20  // cells of all tables
	maxBrackets = 1 << 26  // sum over the paragraphs of brackets times bytes,
	perByte     = 256      // and as many more for each byte of the document
)

// effort adds up what a document may cost.
type effort struct {
	depth, nodes, cells int
	brackets            int // of the paragraphs that are over

	open, length int // brackets and bytes of the current paragraph
	columns      int // of the table that it may be
	ordered      int // indent of the number that it begins with; -1: it begins with none
}

// affordable says whether the parser may have a document.
func affordable(src []byte) bool {
	if len(src) > maxMarkdown {
		return false
	}
	e := effort{ordered: -1}
	limit := maxBrackets + perByte*len(src)
	for line := range bytes.Lines(src) {
		e.line(line)
		if e.depth > maxDepth || e.nodes > maxNodes || e.cells > maxCells || e.brackets > limit {
			return false
		}
	}
	e.paragraph()
	return e.brackets <= limit
}

// line takes one line.
func (e *effort) line(line []byte) {
	indent := indentOf(line)
	number, bullet := itemMarker(line[indent:])
	switch {
	case isEmpty(line):
		e.paragraph()
	case indent > 3:
	case bullet && len(bytes.TrimSpace(line[indent+1:])) > 0:
		// An item always begins a paragraph of its own.
		e.paragraph()
	case number && e.ordered >= indent:
		// One with a number does so beside another.
		e.paragraph()
		e.ordered = indent
	case number && e.length == 0:
		e.ordered = indent
	}
	e.depth = max(e.depth, depth(line))
	e.length += len(line)
	e.nodes++
	pipes := 0
	for _, c := range line {
		switch c {
		case '[':
			e.open++
			e.nodes++
		case '|':
			pipes++
		case '*', '_', '~', ']', '<', '`', '\\':
			e.nodes++
		}
	}
	e.columns = max(e.columns, pipes)
	e.cells += e.columns
}

// paragraph ends the current paragraph.
func (e *effort) paragraph() {
	e.brackets += e.open * e.length
	e.open, e.length, e.columns, e.ordered = 0, 0, 0, -1
}

// isEmpty says whether there is nothing in a line, or in the quotes that it is in.
func isEmpty(line []byte) bool {
	for {
		indent := indentOf(line)
		if indent == len(line) {
			return true
		}
		if line[indent] != '>' || indent > 3 {
			return len(bytes.TrimSpace(line)) == 0
		}
		line = line[indent+1:]
	}
}

// indentOf counts the spaces that a line begins with.
func indentOf(line []byte) int {
	n := 0
	for n < len(line) && line[n] == ' ' {
		n++
	}
	return n
}

// itemMarker says whether a line begins as a list item does.
func itemMarker(line []byte) (number, bullet bool) {
	n := 0
	for n < len(line) && n < 10 && '0' <= line[n] && line[n] <= '9' {
		n++
	}
	if n == len(line) || n == 10 {
		return false, false
	}
	switch line[n] {
	case '.', ')':
		number = n > 0
	case '-', '+', '*':
		bullet = n == 0
	}
	if n+1 < len(line) && !isSpace(line[n+1]) {
		return false, false
	}
	return number, bullet
}

// depth returns how many containers there can be around what a line has: each takes a marker, or two columns of white
// space where its marker is in a line before.
func depth(line []byte) int {
	markers, columns := 0, 0
	at := 0 // columns before the last marker
	for i := 0; i < len(line); i++ {
		number, bullet := itemMarker(line[i:])
		switch {
		case line[i] == ' ':
			columns++
		case line[i] == '\t':
			columns += 4
		case line[i] == '>' || bullet:
			markers++
			at = columns
		case number:
			markers++
			at = columns
			i += bytes.IndexAny(line[i:], ".)")
		default:
			return markers + at/2
		}
	}
	return markers + at/2
}

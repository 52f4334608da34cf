package normalize

import (
	"bytes"
	"math"
)

// space appends a blank, unless the line has no text so far or ends with one.
func (z *zhSafe) space(out []byte) []byte {
	if z.lineStart(out) || out[len(out)-1] == ' ' || out[len(out)-1] == '\t' && z.lineOfTabs(out) {
		z.counts[countTrimmed]++
		return out
	}
	return append(out, ' ')
}

// tab appends a tab, unless the line is empty so far and no row of a table. rest begins behind the tab.
func (z *zhSafe) tab(out, rest []byte) []byte {
	if z.lineStart(out) && !z.isRow(out, rest) {
		z.counts[countTrimmed]++
		return out
	}
	return append(out, '\t')
}

// isRow says whether the line that rest is in, of which nothing stays so far, is a row of a table: it, the line before or the
// next one has a tab between two texts. The tabs before its text are empty cells then, without which the others would stand in
// wrong columns.
func (z *zhSafe) isRow(out, rest []byte) bool {
	if len(rest) >= z.noRow {
		return false // the line was looked at before, for another tab
	}
	if n := len(out) - 1; n >= z.base && bytes.IndexByte(out[max(z.base, bytes.LastIndexByte(out[:n], '\n')):], '\t') >= 0 {
		return true
	}
	row, end := z.hasCells(rest)
	z.noRow = len(rest) - end
	if !row && end < len(rest) {
		_, size := decode(rest[end:])
		next := bytes.TrimPrefix(rest[end+size:], []byte("\n"))
		if rest[end] != '\r' {
			next = rest[end+size:]
		}
		row, _ = z.hasCells(next)
	}
	return row
}

// hasCells says whether a tab stands between two texts of the first line of b, and where that line ends, if none does.
func (z *zhSafe) hasCells(b []byte) (has bool, end int) {
	text, tab := false, false
	for end < len(b) {
		r, size := decode(b[end:])
		switch z.classes.classOf(r) {
		case classNewline, classLine, classReturn:
			return false, end
		case classTab:
			tab = text
		case classBlank, classSpace, classControl, classInvisible, classVariation:
		default:
			if tab {
				return true, end
			}
			text = true
		}
		end += size
	}
	return false, end
}

// noLine is zhSafe.noRow where no line was looked at.
const noLine = math.MaxInt

// lineOfTabs says whether the line has nothing but tabs so far.
func (z *zhSafe) lineOfTabs(out []byte) bool {
	for len(out) > z.base && out[len(out)-1] == '\t' {
		out = out[:len(out)-1]
	}
	return z.lineStart(out)
}

// newline ends the line, unless the document is empty so far.
func (z *zhSafe) newline(out []byte) []byte {
	out = z.trimLine(out)
	if len(out) == z.base {
		z.counts[countTrimmed]++
		return out
	}
	return append(out, '\n')
}

func (z *zhSafe) lineStart(out []byte) bool {
	return len(out) == z.base || out[len(out)-1] == '\n'
}

// trimLine takes blanks and tabs from the end of out.
func (z *zhSafe) trimLine(out []byte) []byte {
	for len(out) > z.base && (out[len(out)-1] == ' ' || out[len(out)-1] == '\t') {
		z.counts[countTrimmed]++
		out = out[:len(out)-1]
	}
	return out
}

// trimEnd takes blanks, tabs and line ends from the end of the document.
func (z *zhSafe) trimEnd(out []byte) []byte {
	for out = z.trimLine(out); len(out) > z.base && out[len(out)-1] == '\n'; out = z.trimLine(out) {
		z.counts[countTrimmed]++
		out = out[:len(out)-1]
	}
	return out
}

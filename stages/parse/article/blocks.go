package article

import (
	"bytes"
	"unicode/utf8"

	"github.com/millrace/millrace/stages/parse/markup"
)

// block is a line of a page's text, or a cell of one.
type block struct {
	from, to  int32 // in the text of the page
	container int32 // the innermost that holds all of it
	chars     int32 // that are no white space
	linkChars int32 // of them, in links
	size      int32 // bytes that are no white space: a Han character says about as much as three Latin letters do
	links     int32 // of them, in links
	han       int32 // Han characters
	marks     int32 // ends of sentences, and commas between their parts
	line      int32 // number of the line
	cell      bool  // it goes on in the line of the one before
	ends      bool  // it ends as a sentence does
	taken     bool
	why       why
}

// row says whether two blocks stand in one line.
func (b *block) row(other *block) bool { return b.line == other.line }

// maxBlocks bounds those of a page, to the end of a line: what follows belongs to the last one.
const maxBlocks = 1 << 18

// cut takes the text of the page apart.
func (e *Extractor) cut() {
	e.blocks = e.blocks[:0]
	text, runs := e.text, e.outline.Runs
	line := int32(0)
	for at, r := 0, 0; at < len(text); line++ {
		end := len(text)
		if n := bytes.IndexByte(text[at:], '\n'); n >= 0 {
			end = at + n
		}
		for r < len(runs) && runs[r].End <= at {
			r++
		}
		// A line is one block, but for the cells of a row: those begin with a tab, and stand in other containers.
		for from := at; from < end && r < len(runs); {
			b := block{from: int32(from), container: runs[r].Container, line: line, cell: from > at}
			for to := min(runs[r].End, end); ; to = min(runs[r].End, end) {
				b.measure(text[from:to], runs[r].Link)
				from = to
				if from < runs[r].End {
					break
				}
				if r++; r == len(runs) || from >= end {
					break
				}
				if runs[r].Container != b.container {
					if text[from] == '\t' {
						break
					}
					b.container = e.common(b.container, runs[r].Container)
				}
			}
			b.to = int32(from)
			if b.chars > 0 {
				b.ends = endsSentence(text[b.from:b.to])
				e.blocks = append(e.blocks, b)
			}
		}
		if at = end + 1; len(e.blocks) >= maxBlocks {
			e.extend(at, r)
			return
		}
	}
}

// extend adds the rest of the text to the last block, from an offset and the run there on.
func (e *Extractor) extend(from, r int) {
	if from >= len(e.text) {
		return
	}
	b := &e.blocks[len(e.blocks)-1]
	for ; r < len(e.outline.Runs); r++ {
		run := &e.outline.Runs[r]
		if run.End <= from {
			continue
		}
		b.measure(e.text[from:run.End], run.Link)
		b.container = e.common(b.container, run.Container)
		from = run.End
	}
	b.to = int32(len(e.text))
	b.ends = endsSentence(e.text[b.from:b.to])
}

// common is the innermost container that two are in.
func (e *Extractor) common(a, b int32) int32 {
	cs := e.outline.Containers
	for a != b {
		if a > b {
			a = cs[a].Parent
		} else {
			b = cs[b].Parent
		}
		if a < 0 || b < 0 {
			return 0
		}
	}
	return a
}

// measure adds text to a block.
func (b *block) measure(text []byte, link bool) {
	var chars, size, marks, han int32
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			switch kinds[c] {
			case isBlank:
			case isMark:
				marks++
				chars++
				size++
			case isOther:
				chars++
				size++
			}
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		i += n
		switch r {
		case '。', '，', '！', '？', '；', '、', '…':
			marks++
		case 0xa0, 0x3000, 0xfeff, 0x200b:
			continue
		default:
			if 0x4e00 <= r && r < 0xa000 {
				han++
			}
		}
		chars++
		size += int32(n)
	}
	b.chars += chars
	b.size += size
	b.marks += marks
	b.han += han
	if link {
		b.links += size
		b.linkChars += chars
	}
}

const (
	isOther = iota
	isBlank
	isMark
)

// kinds are those of the ASCII characters.
var kinds = func() (k [utf8.RuneSelf]uint8) {
	for c := range byte(' ' + 1) {
		k[c] = isBlank
	}
	for _, c := range ".,?!;" {
		k[c] = isMark
	}
	return k
}()

// endsSentence says whether a text ends as a sentence does: with its mark, or quotes and brackets behind that.
func endsSentence(text []byte) bool {
	for range 4 {
		r, n := utf8.DecodeLastRune(text)
		switch r {
		case '.', '!', '?', '。', '！', '？', '…', ':', '：', ';', '；':
			return true
		case '"', '\'', '”', '’', '」', '』', '»', ')', '）', ']', ' ', 0xa0, 0x3000:
			text = text[:len(text)-n]
		default:
			return false
		}
	}
	return false
}

// value is what a block counts for, as text and against it.
func (b *block) value() (good, bad int64) {
	size, links := int64(b.size), int64(b.links)
	switch {
	case links*2 > size && b.ends && size >= 40:
		return 0, 0
	case links*2 > size:
		return 0, size
	case b.marks > 0 && size >= 50, size >= 150, b.ends && size >= 18:
		return max(size-2*links, 0), 0
	case b.marks > 0 && size >= 18 && links == 0:
		return size / 2, 0
	}
	return 0, size / 2
}

// linked says whether a block is a link, and nothing beside it.
func (b *block) linked() bool { return int64(b.links)*5 > int64(b.size)*4 }

// tag is what a block stands in.
func (e *Extractor) tag(b *block) markup.Tag { return e.outline.Containers[b.container].Tag }

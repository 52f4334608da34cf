package article

import (
	"bytes"
	"unicode/utf8"

	"millrace/stages/parse/markup"
)

// block is a line of a page's text, or a cell of one.
type block struct {
	from, to  int32 // in the text of the page
	container int32 // the innermost that holds all of it
	chars     int32 // that are no white space
	links     int32 // of them, in links
	size      int32 // bytes that are no white space: a Han character says about as much as three Latin letters do
	marks     int32 // ends of sentences, and commas between their parts
	cell      bool  // it goes on in the line of the one before
	ends      bool  // it ends as a sentence does
	taken     bool
	why       why
}

// cut takes a page's text apart.
func (e *Extractor) cut(text []byte) {
	e.blocks = e.blocks[:0]
	runs := e.outline.Runs
	for at, r := 0, 0; at < len(text); {
		end := len(text)
		if n := bytes.IndexByte(text[at:], '\n'); n >= 0 {
			end = at + n
		}
		for r < len(runs) && runs[r].End <= at {
			r++
		}
		// A line is one block, but for the cells of a row: those begin with a tab, and stand in other containers.
		for from := at; from < end && r < len(runs); {
			to := min(runs[r].End, end)
			b := block{from: int32(from), container: runs[r].Container, cell: from > at}
			for {
				b.measure(text[from:to], runs[r].Link)
				from = to
				if to < runs[r].End {
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
				to = min(runs[r].End, end)
			}
			b.to = int32(from)
			b.ends = endsSentence(text[b.from:b.to])
			if b.chars > 0 {
				e.blocks = append(e.blocks, b)
			}
		}
		at = end + 1
	}
}

// common is the innermost container that two are in.
func (e *Extractor) common(a, b int32) int32 {
	for a != b {
		if a > b {
			a = e.outline.Containers[a].Parent
		} else {
			b = e.outline.Containers[b].Parent
		}
		if a < 0 || b < 0 {
			return 0
		}
	}
	return a
}

// measure adds text to a block.
func (b *block) measure(text []byte, link bool) {
	var chars, size, marks int32
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case c <= ' ':
			case c == '.' || c == ',' || c == '?' || c == '!' || c == ';':
				marks++
				fallthrough
			default:
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
		}
		chars++
		size += int32(n)
	}
	b.chars += chars
	b.size += size
	b.marks += marks
	if link {
		b.links += size
	}
}

// endsSentence says whether a text ends as a sentence does: with its mark, or a quote or bracket behind that.
func endsSentence(text []byte) bool {
	for range 3 {
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

// kind is what a block stands in.
func (e *Extractor) kind(b *block) markup.Tag { return e.outline.Containers[b.container].Tag }

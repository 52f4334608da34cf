package repetition

import (
	"bytes"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
	"github.com/millrace/millrace/pipeline/text/repeated"
)

// spans counts lines and paragraphs that repeat an earlier one of the same text. A line is what lies between line feeds and has anything
// visible on it, without the blanks at its edges; a paragraph is a run of such lines with no empty line between, with the line feeds and blanks within.
type spans struct {
	lines, paragraphs copies
}

// copies are spans of one kind.
type copies struct {
	set               repeated.Set
	all, again, chars int64 // how many there are, how many of them are repetitions, and the code points in these
}

func (c *copies) reset(spans int) {
	c.set.Reset(spans)
	c.all, c.again, c.chars = 0, 0, 0
}

func (c *copies) add(t []byte, start, end int) {
	c.all++
	if c.set.Seen(t, start, end) {
		c.again++
		c.chars += int64(text.CountRunes(t[start:end]))
	}
}

// count looks at the lines and paragraphs of a text.
func (s *spans) count(t []byte) {
	feeds := bytes.Count(t, []byte{'\n'})
	s.lines.reset(feeds + 1)
	s.paragraphs.reset(feeds/2 + 1)
	first, last := -1, 0 // the paragraph so far
	for start := 0; start < len(t); {
		end := len(t)
		if n := bytes.IndexByte(t[start:], '\n'); n >= 0 {
			end = start + n
		}
		from, to := trim(t, start, end)
		switch {
		case from < to:
			s.lines.add(t, from, to)
			if first < 0 {
				first = from
			}
			last = to
		case first >= 0:
			s.paragraphs.add(t, first, last)
			first = -1
		}
		start = end + 1
	}
	if first >= 0 {
		s.paragraphs.add(t, first, last)
	}
}

// trim leaves out the blanks at both ends of t[from:to].
func trim(t []byte, from, to int) (int, int) {
	for from < to {
		r, size := rune(t[from]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(t[from:to])
		}
		if !text.Blank(r) {
			break
		}
		from += size
	}
	for from < to {
		r, size := rune(t[to-1]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeLastRune(t[from:to])
		}
		if !text.Blank(r) {
			break
		}
		to -= size
	}
	return from, to
}

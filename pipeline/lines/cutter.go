package lines

import (
	"bytes"
	"context"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/rule"
)

// Bounds say which lines are cut: those that stand in a share of the documents of their group, and in so many, at least.
type Bounds struct {
	Share rule.Number
	Least int64 // not below LeastDocuments: lines in fewer are not told apart
	// Anywhere cuts such lines wherever they stand. Else they are cut from the beginning and from the end of a text, as far as there is no other line.
	Anywhere bool
}

// meets says whether a line is cut that stands in so many documents of a group.
func (b *Bounds) meets(documents, ofGroup int64) bool {
	return documents >= b.Least && documents*int64(rule.One) >= ofGroup*int64(b.Share)
}

// Cut is a text of which lines are cut, and what these were.
type Cut struct {
	Text  []byte
	Lines int64 // that were cut, without blank ones
	Chars int64 // by which the text is shorter
}

// Cutter cuts lines by the keys that a job has found frequent: see FrequentStage. It is used by one goroutine.
//
// A text of which no line is cut stays as it is. Of any other one what is left begins with its first line that is not blank, ends with its last one, and has no line
// feed behind that; between these two nothing but the lines that are cut is missing.
type Cutter struct {
	bounds Bounds
	counts *counts
	text   []byte // that was put together
}

// NewCutter returns a Cutter of a job of whose plan FrequentStage is done.
func NewCutter(ctx context.Context, job *pipeline.Job, p *Plan, b Bounds) *Cutter {
	return &Cutter{bounds: b, counts: newCounts(ctx, job, p)}
}

// Close closes the files.
func (c *Cutter) Close() error { return c.counts.close() }

// Look looks up the lines of n documents, some thousand. Those before are forgotten.
func (c *Cutter) Look(n int, of func(i int) (text, meta []byte, source string)) error {
	c.counts.begin()
	for i := range n {
		c.counts.note(of(i))
	}
	return c.counts.find()
}

// Cut cuts the text of a document, by its number in Look. What it returns is valid until the next call, and as long as the text.
func (c *Cutter) Cut(i int, text []byte) Cut {
	keys := c.counts.keys(i)
	group := c.counts.of[keys[0]]
	keys = keys[1:]
	cut := func(key uint64) bool { return key != 0 && c.bounds.meets(c.counts.of[key], group) }
	first, last := -1, -1 // that are left
	all, inside := int64(0), int64(0)
	begin, end := 0, 0 // of what lies between these
	at := 0
	since := int64(0) // the last one that is left
	for k, key := range keys {
		line := text[at:]
		next := len(text)
		if n := bytes.IndexByte(line, '\n'); n >= 0 {
			line, next = line[:n], at+n+1
		}
		switch {
		case cut(key):
			all++
			since++
		case key != 0:
			if first < 0 {
				first, begin = k, at
			} else {
				inside += since
			}
			last, end, since = k, at+len(line), 0
		}
		at = next
	}
	switch {
	case all == 0 || !c.bounds.Anywhere && all == inside:
		return Cut{Text: text}
	case first < 0:
		return Cut{Lines: all, Chars: int64(utf8.RuneCount(text))}
	}
	rest := text[begin:end]
	if !c.bounds.Anywhere {
		all -= inside
	} else if inside > 0 {
		rest = c.join(rest, keys[first:last+1], cut)
	}
	return Cut{Text: rest, Lines: all, Chars: int64(utf8.RuneCount(text) - utf8.RuneCount(rest))}
}

// join puts together the lines of a text that are left, of which the first and the last are some.
func (c *Cutter) join(text []byte, keys []uint64, cut func(key uint64) bool) []byte {
	c.text = c.text[:0]
	for _, key := range keys {
		line := text
		if n := bytes.IndexByte(text, '\n'); n >= 0 {
			line = text[:n+1]
		}
		text = text[len(line):]
		if !cut(key) {
			c.text = append(c.text, line...)
		}
	}
	return c.text
}

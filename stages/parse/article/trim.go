package article

import (
	"bytes"

	"github.com/millrace/millrace/pipeline/text"
	"github.com/millrace/millrace/stages/parse/markup"
)

// Lines longer than this are no notices, in bytes that are no white space.
const (
	maxLabelled = 240
	maxNotice   = 120
	maxDated    = 64
	maxLast     = 360
)

// trim leaves out what stands around the text in its own container: the headline, who wrote it when, and what follows it.
func (e *Extractor) trim() {
	first, last, goods := -1, -1, 0
	for i := range e.blocks {
		b := &e.blocks[i]
		if !b.taken {
			continue
		}
		text := bytes.TrimSpace(e.text[b.from:b.to])
		switch {
		case first < 0 && e.isTitle(b, text):
			b.leave(whyTitle)
		case b.size < maxLabelled && isLabelled(text):
			b.leave(whyByline)
		case goods < 2 && b.size < maxDated && !e.inRow(i) && isDated(text):
			b.leave(whyByline)
		case b.size < maxNotice && !e.inRow(i) && isNotice(text):
			b.leave(whyNotice)
		default:
			if good, _ := b.value(); good > 0 && !e.tag(b).IsHeading() {
				if first < 0 {
					first = i
				}
				last = i
				goods++
			}
		}
	}
	if first < 0 {
		return
	}
	for i := range e.blocks[:first] {
		b := &e.blocks[i]
		if i == first-1 && e.headline < 0 && e.tag(b).IsHeading() {
			continue // the first of several articles
		}
		if b.taken && !e.isHome(b) {
			b.leave(whyByline)
		}
	}
	for i := len(e.blocks) - 1; i > last; i-- {
		if b := &e.blocks[i]; b.taken && !e.isHome(b) {
			b.leave(whyNotice)
		}
	}
	e.trimEnd(first)
	e.stop()
	for i := len(e.blocks) - 1; i > last; i-- {
		if b := &e.blocks[i]; b.taken {
			if !e.tag(b).IsHeading() {
				break
			}
			b.leave(whyHeading) // of nothing
		}
	}
}

// stop leaves out what stands behind a line in the text that says that there is something else to read, where that is less than half
// of it, or less than a fifth where such a line may stand over a box within the text.
func (e *Extractor) stop() {
	before, from := int64(0), -1
	all, _ := e.taken()
	for i := range e.blocks {
		b := &e.blocks[i]
		if b.size <= maxLabel && before >= leastText && (b.taken || b.why == whyByline || b.why == whyNotice) {
			if stop, box := isStop(bytes.TrimSpace(e.text[b.from:b.to])); stop && (box && (all-before)*5 < all || !box && (all-before)*2 < all) {
				from = i
				break
			}
		}
		if b.taken {
			good, _ := b.value()
			before += good
		}
	}
	if from < 0 {
		return
	}
	for i := from; i < len(e.blocks); i++ {
		if e.blocks[i].taken {
			e.blocks[i].leave(whyNotice)
		}
	}
}

// trimEnd leaves out the lines at the end of the text that tell whose it is, and where there is more.
func (e *Extractor) trimEnd(first int) {
	for i := len(e.blocks) - 1; i > first; i-- {
		b := &e.blocks[i]
		if !b.taken {
			continue
		}
		if b.size > maxLast || !isLast(e.text[b.from:b.to]) {
			return
		}
		b.leave(whyNotice)
	}
}

func (b *block) leave(w why) { b.taken, b.why = false, w }

// isHome says whether a block stands in the core, and not in a section of its own.
func (e *Extractor) isHome(b *block) bool { return e.parts[b.container].section == e.core }

// keepsLink says whether a line that is a link stays: one in the core that is a heading, an address, or Chinese, where such a
// line is rarely a link to something else to read. So does a cell of a table in which others are none.
func (e *Extractor) keepsLink(i int) bool {
	b := &e.blocks[i]
	if e.isFigure(b) {
		return true
	}
	if !e.isHome(b) {
		return false
	}
	line := bytes.TrimSpace(e.text[b.from:b.to])
	return e.tag(b).IsHeading() || bytes.HasPrefix(line, []byte("http")) || bytes.IndexFunc(line, text.IsHan) >= 0
}

// isFigure says whether a block is a cell of a table that is not made of links.
func (e *Extractor) isFigure(b *block) bool {
	if e.tag(b) != markup.TagTd {
		return false
	}
	cs := e.outline.Containers
	for c, steps := b.container, 0; c >= 0 && steps < 4; c, steps = cs[c].Parent, steps+1 {
		if p := &e.parts[c]; cs[c].Tag == markup.TagTable {
			return p.linked*10 < p.blocks*8
		}
	}
	return false
}

// inRow says whether a block stands beside others in a row of a table.
func (e *Extractor) inRow(i int) bool {
	return e.blocks[i].cell || i+1 < len(e.blocks) && e.blocks[i+1].cell
}

// isTitle says whether a block before the text is the headline: the first heading, or one that the page is called.
func (e *Extractor) isTitle(b *block, text []byte) bool {
	t := e.tag(b)
	return t == markup.TagH1 || t != markup.TagP && e.isCalled(text)
}

// plain says whether there is nothing on a page but text: nothing that its names or its links say is anything else.
func (e *Extractor) plain() bool {
	for i := range e.blocks {
		b := &e.blocks[i]
		if b.links > 0 {
			return false
		}
		switch b.why {
		case whyNot, whyOutside, whyTitle, whyCaption, whyHeading:
		default:
			return false
		}
	}
	return true
}

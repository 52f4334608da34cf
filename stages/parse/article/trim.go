package article

import (
	"bytes"
	"strings"

	"millrace/stages/parse/markup"
)

// Lines longer than this are no notices, in bytes that are no white space.
const (
	maxLabelled = 240
	maxNotice   = 120
)

// trim leaves out what stands around the text in its own container: the headline, who wrote it when, and what follows it.
func (e *Extractor) trim() {
	first, last := -1, -1
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
		case b.size < maxNotice && isNotice(text):
			b.leave(whyNotice)
		default:
			if good, _ := b.value(); good > 0 && !e.tag(b).IsHeading() {
				if first < 0 {
					first = i
				}
				last = i
			}
		}
	}
	if first < 0 {
		return
	}
	for i := range e.blocks[:first] {
		if b := &e.blocks[i]; b.taken && !e.isHome(b) {
			b.leave(whyByline)
		}
	}
	for i := len(e.blocks) - 1; i > last; i-- {
		if b := &e.blocks[i]; b.taken && !e.isHome(b) {
			b.leave(whyNotice)
		}
	}
	for i := len(e.blocks) - 1; i > last; i-- {
		if b := &e.blocks[i]; b.taken {
			if !e.tag(b).IsHeading() {
				break
			}
			b.leave(whyHeading) // of nothing
		}
	}
}

func (b *block) leave(w why) { b.taken, b.why = false, w }

// isHome says whether a block stands in the core, and not in a section of its own.
func (e *Extractor) isHome(b *block) bool { return e.section(b.container) == e.core }

// keepsLink says whether a line that is a link stays: one in the core that is a heading, an address, or Chinese, where such a
// line is rarely a link to something else to read.
func (e *Extractor) keepsLink(b *block) bool {
	if !e.isHome(b) {
		return false
	}
	text := bytes.TrimSpace(e.text[b.from:b.to])
	return e.tag(b).IsHeading() || bytes.HasPrefix(text, []byte("http")) || hasHan(text)
}

// isTitle says whether a block before the text is the headline: the first heading, or one that the page is called.
func (e *Extractor) isTitle(b *block, text []byte) bool {
	t := e.tag(b)
	switch {
	case t == markup.TagH1:
		return true
	case t == markup.TagP || len(text) < 8 || len(text) < 30 && len(text)*2 < len(e.title):
		return false
	}
	return strings.Contains(e.title, string(text))
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

// Bounds of what is an article.
const (
	leastText = 100 // value of the text of one
	mostLists = 70  // percent of the text of a page in lists of others
)

// nothing says whether what was taken is no article.
func (e *Extractor) nothing() bool {
	value, size := int64(0), int64(0)
	for i := range e.blocks {
		if b := &e.blocks[i]; b.taken {
			good, _ := b.value()
			value += int64(good)
			size += int64(b.size)
		}
	}
	return size == 0 || value < leastText && size < 3*leastText || e.lists > mostLists && value < 8*leastText
}

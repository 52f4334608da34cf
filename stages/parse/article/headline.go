package article

import (
	"bytes"
	"strings"

	"github.com/millrace/millrace/stages/parse/markup"
)

// findHeadline finds the block that says what the page is called: the first heading that the title of the page has in it, or the
// only heading of the first level; and the first text behind it.
func (e *Extractor) findHeadline() {
	e.headline, e.name = -1, nameOf(e.title)
	only, count := int32(-1), 0
	best := 0
	for i := range e.blocks {
		b := &e.blocks[i]
		t := e.tag(b)
		if t == markup.TagH1 {
			only = int32(i)
			count++
		}
		rank := 1
		switch {
		case t == markup.TagH1:
			rank = 3
		case t.IsHeading():
			rank = 2
		}
		if rank > best && b.links == 0 && e.isCalled(bytes.TrimSpace(e.text[b.from:b.to])) {
			e.headline, best = int32(i), rank
		}
	}
	if e.headline < 0 && count == 1 {
		e.headline = only
	}
	e.lead = -1
	for i := int(e.headline) + 1; e.headline >= 0 && i < min(len(e.blocks), int(e.headline)+1+nearHeadline); i++ {
		b := &e.blocks[i]
		if good, _ := b.value(); good < leastLead || b.links*4 >= b.size {
			continue
		}
		if _, day, _, clock := dateIn(e.text[b.from:b.to]); !day || !clock {
			e.lead = int32(i)
			return
		}
	}
}

const (
	nearHeadline = 12 // blocks behind the headline in which the text begins, at most
	leastLead    = 80 // value of the block that it begins with
)

// leastName is how long the part of a title before the name of the site is, at least, in bytes.
const leastName = 15

// nameOf is the part of a title before the name of the site; empty if that is too short to find it by.
func nameOf(title string) string {
	for _, sign := range []string{"_", " - ", " | ", "-"} {
		if name, _, ok := strings.Cut(title, sign); ok {
			title = name
			break
		}
	}
	if title = strings.TrimSpace(title); len(title) < leastName {
		return ""
	}
	return title
}

// isCalled says whether the title of the page has a text in it, and not much else, or the text has in it what stands before the
// name of the site.
func (e *Extractor) isCalled(text []byte) bool {
	if len(e.name) > 0 && len(text) <= 2*len(e.name) && bytes.Contains(text, []byte(e.name)) {
		return true
	}
	if len(text) < 6 || len(text) > len(e.title) || len(text) < 30 && len(text)*2 < len(e.title) {
		return false
	}
	return strings.Contains(e.title, string(text))
}

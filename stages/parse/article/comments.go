package article

import (
	"bytes"

	"github.com/millrace/millrace/stages/parse/markup"
)

// maxForm is in how many containers around a line a form is looked for.
const maxForm = 16

// isComment says whether a block is text that a reader wrote: no date, and nothing of the form by which the next one is written.
func (e *Extractor) isComment(b *block) bool {
	if b.why != whyComment {
		return false
	}
	text := bytes.TrimSpace(e.text[b.from:b.to])
	if b.size < maxNotice && (isNotice(text) || isDated(text)) || b.size < maxLabelled && isLabelled(text) || e.isForm(b) {
		return false
	}
	good, _ := b.value()
	return good > 0 || b.ends && b.links == 0
}

// isForm says whether a block is in a form that is among the comments, and not around them.
func (e *Extractor) isForm(b *block) bool {
	c := b.container
	for range maxForm {
		if c < 0 || e.parts[c].off == whyNot {
			break
		}
		if e.outline.Containers[c].Tag == markup.TagForm {
			return true
		}
		c = e.outline.Containers[c].Parent
	}
	return false
}

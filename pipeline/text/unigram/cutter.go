package unigram

import (
	"bytes"
	"unicode/utf8"
)

// Cutter makes pre-tokens of texts for a trainer, for one goroutine: ▁ stands for a blank, and begins one; line breaks that follow each other are one. Their bytes in
// their order are the text, but for ▁.
type Cutter struct {
	Prefix bool // a text that does not begin with a blank gets one

	text []byte
}

// Cut calls each with the pre-tokens of a normalized text, which is valid UTF-8. They are valid until the next call.
func (c *Cutter) Cut(text []byte, each func(pretoken []byte)) {
	c.text = c.text[:0]
	if c.Prefix && len(text) > 0 && text[0] != ' ' && !bytes.HasPrefix(text, []byte(space)) {
		c.text = append(c.text, space...)
	}
	for _, b := range text {
		if b == ' ' {
			c.text = append(c.text, space...)
		} else {
			c.text = append(c.text, b)
		}
	}
	start, last := 0, false // last: what is before is a line break
	for i := 0; i < len(c.text); {
		r, size := rune(c.text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(c.text[i:])
		}
		is := r == '\n' || r == '\r'
		if i > start && (r == '▁' || is != last) {
			each(c.text[start:i])
			start = i
		}
		last = is
		i += size
	}
	if start < len(c.text) {
		each(c.text[start:])
	}
}

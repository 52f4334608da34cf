package markup

import (
	"bytes"
	"slices"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// Document is what Markdown makes of a document.
type Document struct {
	Out    []byte // dst with the text
	Front  []byte // front matter as it stands in the source, without the lines around it; nil: none
	Parsed bool   // false: the document would have cost too much, its text is the source itself, but for front matter
}

// markdown is CommonMark with the tables and strike-through of GitHub. A parser has no state of its own.
var markdown = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough)).Parser()

// Markdown appends the text of a document to dst: headings, paragraphs, list items, rows of tables and code as lines; the
// lines of a paragraph stay apart. Of links there is the text, of images nothing; numbers of lists are kept, bullets are
// not. Embedded HTML is read as by HTML, so that comments leave nothing. Front matter is cut off and returned.
//
// A document that nests or repeats beyond what people write becomes its own text: see Document.Parsed.
func Markdown(dst, src []byte) Document {
	src = slices.Clip(src) // the parser appends a line end to the last line, which may have other bytes behind it
	front, src := cutFront(src)
	d := Document{Out: dst, Front: front}
	if !affordable(src) {
		d.Out = append(dst, bytes.TrimSpace(src)...)
		return d
	}
	d.Parsed = true
	w := walker{lines: lines{out: dst, start: len(dst)}, src: src, items: map[*ast.List]int{}}
	w.walk(markdown.Parse(text.NewReader(src)))
	d.Out = w.finish()
	return d
}

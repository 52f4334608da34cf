package article

import (
	"slices"

	"github.com/millrace/millrace/stages/parse/markup"
)

// maxWhere bounds a path, in bytes.
const maxWhere = 120

var tagNames = map[markup.Tag]string{
	markup.TagBody: "body", markup.TagDiv: "div", markup.TagSection: "section", markup.TagArticle: "article", markup.TagMain: "main",
	markup.TagAside: "aside", markup.TagNav: "nav", markup.TagHeader: "header", markup.TagFooter: "footer", markup.TagP: "p",
	markup.TagUl: "ul", markup.TagOl: "ol", markup.TagLi: "li", markup.TagDl: "dl", markup.TagDt: "dt", markup.TagDd: "dd",
	markup.TagTable: "table", markup.TagTr: "tr", markup.TagTd: "td", markup.TagForm: "form", markup.TagFieldset: "fieldset",
	markup.TagBlockquote: "blockquote", markup.TagPre: "pre", markup.TagFigure: "figure",
}

// where is the path of a container: as many of those around it as there is room for, from the outside in.
func (e *Extractor) where(c int32) string {
	cs := e.outline.Containers
	var steps [4]string
	n, size := 0, 0
	for ; c >= 0 && n < len(steps); c = cs[c].Parent {
		e.path = e.step(e.path[:0], c)
		if size += len(e.path) + 3; size > maxWhere && n > 0 {
			break
		}
		steps[n] = string(e.path)
		n++
	}
	e.path = e.path[:0]
	for _, s := range slices.Backward(steps[:n]) {
		if len(e.path) > 0 {
			e.path = append(e.path, " > "...)
		}
		e.path = append(e.path, s...)
	}
	return string(e.path)
}

// step appends what one container is called, as a selector has it: its kind, its id, or the first of its classes.
func (e *Extractor) step(dst []byte, c int32) []byte {
	name := tagNames[e.outline.Containers[c].Tag]
	if name == "" {
		name = "div"
	}
	dst = append(dst, name...)
	names := e.outline.Names(&e.outline.Containers[c])
	for i, b := range names {
		if i == 0 && b != '#' {
			dst = append(dst, '.')
		}
		if b == ' ' || len(dst) > maxWhere/2 {
			break
		}
		if b <= ' ' || b > '~' || b == '>' {
			b = '?'
		}
		dst = append(dst, b)
	}
	return dst
}

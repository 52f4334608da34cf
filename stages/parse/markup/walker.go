package markup

import (
	"bytes"
	"html"
	"strconv"

	"github.com/yuin/goldmark/ast"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"golang.org/x/net/html/atom"
)

// walker writes the text of a tree of Markdown.
type walker struct {
	lines
	src   []byte
	label []byte            // numbers of items whose text is still to come
	items map[*ast.List]int // items so far of the lists that are open
	html  []byte            // memory for embedded HTML and its text
	plain []byte
}

// walk goes through a tree in the order of the text, without recursion: emphasis may nest as deep as a line is long.
func (w *walker) walk(root ast.Node) {
	for n := root; n != nil; {
		if w.enter(n) && n.FirstChild() != nil {
			n = n.FirstChild()
			continue
		}
		w.leave(n)
		for n != root && n.NextSibling() == nil {
			n = n.Parent()
			w.leave(n)
		}
		if n == root {
			return
		}
		n = n.NextSibling()
	}
}

// enter writes what a node begins with, and says whether its children are to be written.
func (w *walker) enter(n ast.Node) (children bool) {
	w.edge(n)
	switch n := n.(type) {
	case *ast.ListItem:
		if list, ok := n.Parent().(*ast.List); ok && list.IsOrdered() {
			w.label = strconv.AppendInt(w.label, int64(list.Start+w.items[list]), 10)
			w.label = append(w.label, list.Marker, ' ')
			w.items[list]++
		}
	case *ast.Text:
		w.inline(n)
	case *ast.String:
		w.put(n.Value)
	case *ast.AutoLink:
		w.put(n.Label(w.src))
	case *ast.RawHTML:
		if n.Segments.Len() > 0 {
			tag := n.Segments.At(0)
			w.tag(tag.Value(w.src))
		}
	case *ast.HTMLBlock:
		w.embedded(n)
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		w.code(n.Lines())
		return false
	case *ast.Image, *ast.LinkReferenceDefinition:
		return false
	}
	return true
}

// leave writes what a node ends with.
func (w *walker) leave(n ast.Node) {
	w.edge(n)
	switch n := n.(type) {
	case *ast.ListItem:
		w.label = w.label[:0] // an item without text has no number
	case *ast.List:
		delete(w.items, n)
	}
}

// edge parts a block from what is beside it.
func (w *walker) edge(n ast.Node) {
	switch {
	case n.Kind() == tables.KindTableCell:
		w.space = true
		w.level()
	case n.Type() == ast.TypeBlock:
		w.newline = true
		w.level()
	}
}

// put writes text, behind the number of the item that it begins.
func (w *walker) put(b []byte) {
	if len(b) == 0 || w.reading {
		return
	}
	if len(w.label) > 0 {
		w.separate(w.label)
		w.out = append(w.out, w.label...)
		w.label = w.label[:0]
	}
	w.verbatim(b)
}

// inline writes text of a line. In the source it may be escaped, except in code.
func (w *walker) inline(n *ast.Text) {
	value := n.Segment.Value(w.src)
	if n.Parent().Kind() == ast.KindCodeSpan {
		if line, ok := bytes.CutSuffix(value, []byte("\n")); ok {
			w.put(line)
			w.space = true
			return
		}
		w.put(value)
		return
	}
	if n.IsRaw() || bytes.IndexByte(value, '\\') < 0 && bytes.IndexByte(value, '&') < 0 {
		w.put(value)
	} else {
		w.plain = unescape(w.plain[:0], value)
		w.put(w.plain)
	}
	if n.SoftLineBreak() || n.HardLineBreak() {
		w.newline = true
	}
}

// code writes lines as they are.
func (w *walker) code(segments *text.Segments) {
	for i := range segments.Len() {
		s := segments.At(i)
		w.put(s.Value(w.src))
	}
}

// embedded writes the text of a block of HTML.
func (w *walker) embedded(n *ast.HTMLBlock) {
	w.html = w.html[:0]
	for i := range n.Lines().Len() {
		s := n.Lines().At(i)
		w.html = append(w.html, s.Value(w.src)...)
	}
	if n.HasClosure() {
		w.html = append(w.html, n.ClosureLine.Value(w.src)...)
	}
	w.plain, _ = HTML(w.plain[:0], w.html)
	w.put(w.plain)
}

// tag takes a tag within a line.
func (w *walker) tag(b []byte) {
	name, end := bytes.CutPrefix(bytes.TrimPrefix(b, []byte("<")), []byte("/"))
	n := bytes.IndexFunc(name, func(r rune) bool { return r == '>' || r == '/' || r == ' ' || r == '\t' || r == '\n' || r == '\r' })
	if n < 0 || n > maxLabel {
		return
	}
	switch a := atom.Lookup(bytes.ToLower(name[:n])); {
	case a == atom.Br:
		w.newline = w.newline || !end
	case end:
		w.endTag(a)
	default:
		w.startTag(a)
	}
}

// maxEntity is more than the longest character reference has, in bytes.
const maxEntity = 40

// unescape appends text without backslashes before punctuation and with its character references decoded (CommonMark 0.31,
// 2.4 and 2.5).
func unescape(dst, b []byte) []byte {
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\\' && i+1 < len(b) && util.IsPunct(b[i+1]):
			i++
			dst = append(dst, b[i])
		case b[i] == '&':
			end := bytes.IndexByte(b[i:min(len(b), i+maxEntity)], ';')
			if end < 0 {
				dst = append(dst, '&')
				continue
			}
			reference := string(b[i : i+end+1])
			if s := html.UnescapeString(reference); s != reference && (s[len(s)-1] != ';' || reference == "&semi;") {
				dst = append(dst, s...)
				i += end
				continue
			}
			dst = append(dst, '&')
		default:
			dst = append(dst, b[i])
		}
	}
	return dst
}

package markup

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxTitle bounds a title, in bytes: one whose element is not closed goes on to the end of the page.
const maxTitle = 1 << 10

// HTML appends the visible text of a page to dst, and returns the title beside it. Blocks and <br> make line ends, white
// space is collapsed except in <pre>, and character references are decoded. Cells of a row are parted by tabs, and stay in
// their column where others are empty or span several. Raised and lowered text keeps its meaning, as 10^8 and x_i, where it
// would be lost otherwise: see lines.lower. Of ruby there is the base text, of a formula its TeX, or what is shown of it, once.
// Scripts, styles, comments, alternatives (noscript, iframe, what stands in for video), drawings, choices of forms, and
// elements that are hidden in themselves leave nothing. Where such an element has no end, it ends before the next block.
//
// Memory is bounded by twice the size of the page beside the output, time is linear in it, however deep elements nest.
func HTML(dst, src []byte) (out []byte, title string) { return read(dst, src, nil) }

// read is [HTML], which notes what the text stands in where there is an outline.
func read(dst, src []byte, o *Outline) (out []byte, title string) {
	p := page{lines: lines{out: dst, start: len(dst)}, src: src, extra: len(src) / 2, shown: -1, outline: o}
	p.table.column = -1
	p.jump(0)
	for {
		token := p.z.Next()
		p.at += len(p.z.Raw())
		switch token {
		case html.ErrorToken: // the end: a reader of bytes has no other error
			if !p.reopen() {
				return p.finish(), p.title
			}
		case html.TextToken:
			p.content()
		case html.StartTagToken:
			p.start()
		case html.SelfClosingTagToken:
			p.empty()
		case html.EndTagToken:
			p.end()
		case html.CommentToken:
			p.comment()
		case html.DoctypeToken:
		}
	}
}

// page is the state of reading a page. There is no tree: of what nests only the outermost matters, but for tables and
// formulas, where a few levels do.
type page struct {
	lines
	src   []byte
	at    int // offset in src behind the current token
	z     *html.Tokenizer
	title string

	inTitle bool
	titled  bool
	pre     int  // open elements that keep white space
	fresh   bool // nothing came since one of these began
	open    [maxCounted]int32
	skip    skip
	ends    map[string]int // where the next end tag of a name is, as far as was looked; see hasEnd
	jumps   int
	rewinds int

	table table // of the cell that is being read; see tables
	outer []table
	extra int // tabs that may be written beyond one a cell
	math  math
	shown int  // where the last formula ends, in out: what comes there again is the same one, drawn
	drawn bool // MathJax has drawn one, of which the source comes behind it

	outline *Outline // nil: nobody asks
}

// jump goes on at an offset of the page.
func (p *page) jump(to int) { p.z, p.at = html.NewTokenizer(bytes.NewReader(p.src[to:])), to }

// content takes text.
func (p *page) content() {
	if p.outline == nil {
		p.write()
		return
	}
	if p.outline.ld && p.outline.head != nil && p.skip.name == "script" {
		p.outline.ld = false
		p.outline.head.JSONLD(p.z.Raw())
	}
	from := len(p.out)
	p.write()
	p.outline.text(from-p.lines.start, len(p.out)-p.lines.start)
}

// write appends text.
func (p *page) write() {
	if p.skip.name != "" || p.math.mute {
		return
	}
	text := p.z.Text()
	switch {
	case p.inTitle:
		p.inTitle, p.titled = false, true
		p.title = clipTitle(text)
	case p.math.tex:
		p.formula(text)
	case p.pre > 0:
		if p.fresh {
			p.fresh = false
			text = bytes.TrimPrefix(text, []byte("\n"))
		}
		p.verbatim(text)
	default:
		p.text(text)
	}
}

func clipTitle(text []byte) string {
	var w lines
	w.text(text[:min(len(text), 4*maxTitle)])
	out := w.finish()
	return strings.ToValidUTF8(string(out[:min(len(out), maxTitle)]), "") // a character may have been cut
}

// start takes a start tag.
func (p *page) start() {
	name, more := p.z.TagName()
	a := atom.Lookup(name)
	if a == 0 && p.skip.name == "" && p.math.open == 0 && string(name) != "mjx-math" {
		return // unknown, as most of what programs make up
	}
	e := elements[a]
	if p.skip.name != "" {
		if !p.startSkipped(a, name, e) {
			p.raw(a)
			return
		}
	}
	if p.math.open > 0 && e.kind == inline {
		p.startMath(a, name, more)
		return
	}
	p.inTitle = false
	p.edge(a, e.kind)
	p.open[e.counted]++
	var tag attributes
	if more && (e.hides || e.kind == cell || a == atom.Script || a == 0) {
		tag = p.attributes(a)
	} else if p.outline != nil {
		tag = p.outlined(a, e, more)
	}
	switch e.kind {
	case dropped:
		p.drop(a, tag)
		return
	case titles:
		if p.titled {
			p.drop(a, tag)
			return
		}
		p.inTitle = true
	case cell:
		p.cell(tag)
	case preformatted:
		p.pre++
		p.fresh = true
	case inline:
		p.startInline(a)
	case block, row:
	}
	if tag.hidden || tag.picture && p.shown == len(p.out) {
		p.hide(string(name), e.kind == inline)
		return
	}
	if p.outline != nil {
		p.outline.enter(a, e, tag)
	}
	p.drawn = p.drawn || tag.drawn
	p.raw(a)
}

// empty takes a tag that closes itself, as in XHTML, where scripts and titles may.
func (p *page) empty() {
	p.z.NextIsNotRawText()
	if p.skip.name != "" {
		return
	}
	name, more := p.z.TagName()
	a := atom.Lookup(name)
	e := elements[a]
	if p.math.open > 0 && e.kind == inline {
		p.childOfMath()
		return
	}
	p.edge(a, e.kind)
	switch {
	case e.kind == cell:
		var tag attributes
		if more {
			tag = p.attributes(a)
		}
		p.cell(tag)
	case p.outline != nil && more && e.tag == TagNone:
		p.outlined(a, e, more)
	}
}

// end takes an end tag.
func (p *page) end() {
	name, _ := p.z.TagName()
	a := atom.Lookup(name)
	e := elements[a]
	if p.skip.name != "" && !p.endSkipped(a, name, e) {
		return
	}
	p.inTitle = false
	if p.math.open > 0 && e.kind == inline {
		p.endMath(a)
		return
	}
	p.open[e.counted] = max(p.open[e.counted]-1, 0)
	if p.outline != nil {
		p.outline.leave(a, e)
	}
	switch e.kind {
	case inline:
		p.endTag(a)
		return
	case cell: // the next one parts them
		return
	case preformatted:
		p.pre = max(p.pre-1, 0)
	case block, row, dropped, titles:
	}
	p.edge(a, e.kind)
	if a == atom.Table {
		p.endTable()
	}
}

// edge takes what the tag of an element puts between texts.
func (p *page) edge(a atom.Atom, kind kind) {
	switch kind {
	case block, preformatted:
		p.breakLine()
	case row:
		p.newline, p.tabs = true, 0
		p.row(a)
	case cell:
	case inline, dropped, titles:
		return
	}
	p.level()
	if p.math.open > 0 {
		p.math = math{} // which holds no blocks: it has no end
	}
}

// startInline takes the start tag of an element that makes no line.
func (p *page) startInline(a atom.Atom) {
	if a == atom.Math {
		p.beginMath()
		return
	}
	p.startTag(a)
}

// attributes is what matters of those of one tag.
type attributes struct {
	hidden           bool
	colspan, rowspan int
	tex              bool // it is TeX by its type
	picture          bool // what it holds is a formula for people to see, of which the source stands before it
	drawn            bool // of which the source stands behind it
	hint             Hint
	href             bool // it is the start of a link
}

// attributes reads those of the current tag.
func (p *page) attributes(a atom.Atom) (tag attributes) {
	source, silent, glyphs := false, false, false
	if p.outline != nil {
		p.outline.name, p.outline.label = p.outline.name[:0], p.outline.label[:0]
	}
	for more := true; more; {
		var key, value []byte
		key, value, more = p.z.TagAttr()
		if p.outline != nil {
			p.outline.note(key, value, &tag)
		}
		switch string(key) {
		case "hidden":
			tag.hidden = true
		case "style":
			tag.hidden = tag.hidden || displaysNone(value)
		case "aria-hidden":
			silent = string(value) == "true"
		case "class":
			source = bytes.Contains(value, []byte("mwe-math-mathml"))
			tag.picture = bytes.Contains(value, []byte("katex-html"))
			glyphs = bytes.Contains(value, []byte("mjx-math"))
			if bytes.Contains(value, []byte("MathJax")) {
				preview := bytes.Contains(value, []byte("MathJax_Preview"))
				tag.hidden, tag.drawn = tag.hidden || preview, !preview
			}
		case "colspan":
			tag.colspan = span(value)
		case "rowspan":
			tag.rowspan = span(value)
		case "type", "encoding":
			tag.tex = isTeX(value)
		}
	}
	// MathJax draws a formula beside the MathML that it makes for programs that read aloud; MediaWiki hides that.
	tag.hidden = tag.hidden && !source || silent && (glyphs || a == atom.Nobr || a == 0)
	return tag
}

func displaysNone(style []byte) bool {
	_, style, ok := bytes.Cut(bytes.ToLower(style), []byte("display"))
	if !ok {
		return false
	}
	style, ok = bytes.CutPrefix(bytes.TrimLeft(style, " "), []byte(":"))
	return ok && bytes.HasPrefix(bytes.TrimLeft(style, " "), []byte("none"))
}

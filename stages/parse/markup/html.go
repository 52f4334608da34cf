package markup

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxTitle bounds a title, in bytes: one whose element is not closed goes on to the end of the page.
const maxTitle = 1 << 10

// HTML appends the visible text of a page to dst, and returns the title beside it. Blocks and <br> make line ends, cells of
// a row are parted by tabs, white space is collapsed except in <pre>, and character references are decoded. Scripts, styles,
// comments, alternatives (noscript, iframe, what stands in for video), drawings, choices of forms, and elements that are
// hidden in themselves leave nothing.
//
// Memory is bounded by twice the size of the page beside the output, time is linear in it, however deep elements nest.
func HTML(dst, src []byte) (out []byte, title string) {
	p := page{lines: lines{out: dst, start: len(dst)}, z: html.NewTokenizer(bytes.NewReader(src))}
	for {
		switch p.z.Next() {
		case html.ErrorToken: // the end: a reader of bytes has no other error
			return p.finish(), p.title
		case html.TextToken:
			p.content()
		case html.StartTagToken:
			p.start()
		case html.SelfClosingTagToken:
			p.empty()
		case html.EndTagToken:
			p.end()
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

// page is the state of reading a page. There is no tree, and no stack: of what nests only the outermost matters.
type page struct {
	lines
	z     *html.Tokenizer
	title string

	inTitle bool
	titled  bool
	pre     int    // open elements that keep white space
	fresh   bool   // nothing came since one of these began
	skip    string // the element that is being left out; empty: none
	depth   int    // elements of that name that are open
}

// content takes text.
func (p *page) content() {
	if p.skip != "" {
		return
	}
	text := p.z.Text()
	switch {
	case p.inTitle:
		p.inTitle, p.titled = false, true
		p.title = clipTitle(text)
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
	name, attributes := p.z.TagName()
	if p.skip != "" {
		if string(name) == p.skip {
			p.depth++
		}
		return
	}
	a := atom.Lookup(name)
	switch kind := kinds[a]; kind {
	case dropped:
		p.skip, p.depth = a.String(), 1
	case titles:
		if p.titled {
			p.skip, p.depth = a.String(), 1
		}
		p.inTitle = !p.titled
	case inline:
	default:
		p.separator(kind)
		if kind == preformatted {
			p.pre++
			p.fresh = true
		}
	}
	if attributes && hides[a] && p.hidden() {
		p.skip, p.depth = a.String(), 1
	}
}

// empty takes a tag that closes itself, as in XHTML, where scripts and titles may.
func (p *page) empty() {
	p.z.NextIsNotRawText()
	if p.skip == "" {
		name, _ := p.z.TagName()
		p.separator(kinds[atom.Lookup(name)])
	}
}

// end takes an end tag.
func (p *page) end() {
	name, _ := p.z.TagName()
	if p.skip != "" {
		if string(name) == p.skip {
			if p.depth--; p.depth == 0 {
				p.skip = ""
			}
		}
		return
	}
	kind := kinds[atom.Lookup(name)]
	p.inTitle = false
	if kind == cell { // the next one parts them
		return
	}
	p.separator(kind)
	if kind == preformatted {
		p.pre = max(p.pre-1, 0)
	}
}

// separator takes what an element's tag puts between texts.
func (p *page) separator(kind kind) {
	switch kind {
	case block, preformatted:
		p.newline = true
	case cell:
		p.tab = true
	case inline, dropped, titles:
	}
}

// hidden says whether the attributes of the current tag hide its element.
func (p *page) hidden() bool {
	for {
		key, value, more := p.z.TagAttr()
		switch string(key) {
		case "hidden":
			return true
		case "style":
			if _, style, ok := bytes.Cut(value, []byte("display")); ok {
				style, ok = bytes.CutPrefix(bytes.TrimLeft(style, " "), []byte(":"))
				if ok && bytes.HasPrefix(bytes.TrimLeft(style, " "), []byte("none")) {
					return true
				}
			}
		}
		if !more {
			return false
		}
	}
}

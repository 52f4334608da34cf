package markup

import (
	"bytes"

	"golang.org/x/net/html/atom"
)

// skip is what is being left out: an element and all in it.
type skip struct {
	name   string // empty: nothing
	from   int    // offset behind its start tag
	depth  int    // elements of that name that are open
	inline bool   // it makes no line, so it ends with the block that it is in
	brief  bool   // it has no end: it goes on to the next block
	inner  [maxCounted]int32
}

// A page goes on behind what has no end. Each time costs memory, or a second look at the rest, so there is a bound: behind
// the last jump all the rest is code, and behind the last rewind all the rest is hidden, if end tags of the name follow.
const (
	maxJumps   = 64
	maxRewinds = 8
)

// drop leaves out the element that the current tag begins, unless it is the source of a formula that nobody has drawn.
func (p *page) drop(a atom.Atom, tag attributes) {
	if tag.tex && !p.drawn && p.shown != len(p.out) {
		p.raw(a)
		return
	}
	p.drawn = p.drawn && !tag.tex
	p.hide(a.String(), false)
	p.raw(a)
}

// hide starts to leave out an element.
func (p *page) hide(name string, inline bool) {
	brief := p.rewinds == maxRewinds && !p.hasEnd(name)
	p.skip = skip{name: name, from: p.at, depth: 1, inline: inline, brief: brief}
}

// startSkipped takes a start tag within what is left out, and says whether that ends before it.
func (p *page) startSkipped(a atom.Atom, name []byte, e element) (over bool) {
	s := &p.skip
	switch {
	case s.brief:
		if over = e.kind != inline && e.kind != dropped || a == atom.Body; over {
			s.name = ""
		}
	case string(name) == s.name:
		s.depth++
	default:
		s.inner[e.counted]++
	}
	return over
}

// endSkipped takes an end tag within what is left out, and says whether it is the tag of something around that.
func (p *page) endSkipped(a atom.Atom, name []byte, e element) (around bool) {
	s := &p.skip
	switch {
	case string(name) == s.name:
		if s.depth--; s.depth <= 0 {
			s.name = ""
		}
	case s.brief:
		around = e.kind != inline && e.kind != dropped
	case s.inner[e.counted] > 0 && e.counted > 0:
		s.inner[e.counted]--
	case a == atom.Body || a == atom.Html:
		p.reopen()
	case s.inline:
		around = e.kind != inline && e.kind != dropped
	default:
		around = e.counted > 0 && a != atom.P && p.open[e.counted] > 0
	}
	if around {
		s.name = ""
	}
	return around
}

// reopen goes back to the start of what is left out, if it has not ended where the page does: then it ends before the next
// block.
func (p *page) reopen() bool {
	if p.skip.name == "" || p.skip.brief || p.rewinds == maxRewinds {
		return false
	}
	p.rewinds++
	p.skip.brief, p.skip.depth = true, 1
	p.jump(p.skip.from)
	return true
}

// raw looks whether an element that holds no tags has an end, before the tokenizer looks for it to the end of the page.
func (p *page) raw(a atom.Atom) {
	switch a {
	case atom.Script, atom.Style:
		if end, ok := p.endOf(a.String()); !ok {
			p.endCode(a)
		} else if a == atom.Script && bytes.Contains(p.src[p.at:end], []byte("<!--")) && p.jumps < maxJumps {
			// Within a comment in a script, another script hides the end (HTML Standard, 13.2.5.15 on): no page means that.
			p.jumps++
			p.jump(end)
		}
	case atom.Iframe, atom.Noembed, atom.Noframes, atom.Noscript, atom.Title:
		if !p.hasEnd(a.String()) {
			p.z.NextIsNotRawText()
			p.skip.brief = true
		}
	case atom.Textarea, atom.Xmp:
		if !p.hasEnd(a.String()) {
			p.z.NextIsNotRawText()
			if p.skip.name == "" {
				p.pre = max(p.pre-1, 0)
			}
		}
	}
}

// endCode goes on behind code that has no end tag.
func (p *page) endCode(a atom.Atom) {
	end := -1
	if p.jumps < maxJumps {
		p.jumps++
		end = codeEnd(p.src[p.at:], a == atom.Script)
	}
	if end < 0 {
		p.jump(len(p.src))
		p.skip.brief = true
		return
	}
	p.jump(p.at + end)
	if p.skip.name == a.String() {
		p.skip.name = ""
	}
}

// comment goes on behind a comment that has no end, in a page that has one: behind the line that it begins in, or the first >
// there.
func (p *page) comment() {
	raw := p.z.Raw()
	if p.at < len(p.src) || p.jumps == maxJumps || !bytes.HasPrefix(raw, []byte("<!--")) || bytes.HasSuffix(raw, []byte("-->")) ||
		!bytes.Contains(raw, []byte("</body>")) && !bytes.Contains(raw, []byte("</html>")) {
		return
	}
	p.jumps++
	end := bytes.IndexAny(raw, "\n>")
	p.jump(len(p.src) - len(raw) + end + 1)
}

// hasEnd says whether there is an end tag of a name behind the current token.
func (p *page) hasEnd(name string) bool {
	_, ok := p.endOf(name)
	return ok
}

// endOf finds the next end tag of a name. Where it looked once it does not look again.
func (p *page) endOf(name string) (at int, ok bool) {
	if p.ends == nil {
		p.ends = map[string]int{}
	}
	if at, known := p.ends[name]; known && (at < 0 || at >= p.at) {
		return at, at >= 0
	}
	at = p.at
	for {
		i := bytes.Index(p.src[at:], []byte("</"))
		if i < 0 {
			at = -1
			break
		}
		at += i
		if tag := p.src[at+2:]; len(tag) > len(name) && bytes.EqualFold(tag[:len(name)], []byte(name)) && isNameEnd(tag[len(name)]) {
			break
		}
		at += 2
	}
	p.ends[name] = at
	return at, at >= 0
}

func isNameEnd(c byte) bool { return c == '>' || c == '/' || isSpace(c) }

// codeEnd returns where code that has no end tag is over: before the first tag of a block that is in no string and no
// comment; -1: nowhere.
func codeEnd(code []byte, script bool) int {
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"', '\'':
			i += quoted(code[i:], c, true)
		case '`':
			if script {
				i += quoted(code[i:], c, false)
			}
		case '/':
			rest := code[i:]
			switch {
			case bytes.HasPrefix(rest, []byte("/*")):
				n := bytes.Index(rest[2:], []byte("*/"))
				if n < 0 {
					return -1
				}
				i += n + 3
			case script && bytes.HasPrefix(rest, []byte("//")):
				n := bytes.IndexByte(rest, '\n')
				if n < 0 {
					return -1
				}
				i += n
			}
		case '<':
			if isBlockTag(code[i+1:]) {
				return i
			}
		}
	}
	return -1
}

// quoted returns how far it is from a quote to the one that ends what it begins, or to the end of the line.
func quoted(code []byte, quote byte, oneLine bool) int {
	for i := 1; i < len(code); i++ {
		switch c := code[i]; {
		case c == quote || oneLine && c == '\n':
			return i
		case c == '\\':
			i++
		}
	}
	return len(code)
}

// isBlockTag says whether what follows a < is the tag of a block, with > or an attribute behind its name.
func isBlockTag(tag []byte) bool {
	tag = bytes.TrimPrefix(tag, []byte("/"))
	n := 0
	for n < len(tag) && n < maxLabel && (isLetter(tag[n]) || isDigit(tag[n])) {
		n++
	}
	if n == 0 || n == len(tag) {
		return false
	}
	a := atom.Lookup(bytes.ToLower(tag[:n]))
	kind := elements[a].kind
	if kind == inline && a != atom.Head && a != atom.Link && a != atom.Meta || kind == preformatted && a != atom.Pre {
		return false
	}
	rest := bytes.TrimLeft(tag[n:], " \t\r\n\f")
	switch {
	case len(rest) == 0:
		return false
	case rest[0] == '>' || bytes.HasPrefix(rest, []byte("/>")):
		return true
	case !isSpace(tag[n]) || !isLetter(rest[0]):
		return false
	}
	n = 0
	for n < len(rest) && n < maxLabel && (isLetter(rest[n]) || rest[n] == '-') {
		n++
	}
	return n < len(rest) && rest[n] == '='
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

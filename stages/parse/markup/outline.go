package markup

import (
	"bytes"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Bounds of an outline. Text beyond them belongs to the container that is known around it.
const (
	maxOpen       = 512     // containers that nest, as browsers have it
	maxContainers = 1 << 17 // with text in them
	maxRuns       = 1 << 18
	maxNames      = 160 // bytes of the names of a container
)

// Container is a block with text in it, somewhere.
type Container struct {
	Parent int32 // index of the one around it; -1: none
	Last   int32 // index of the last one in it, its own where there is none: those in it stand right behind it
	Tag    Tag
	Hint   Hint
	names  int32 // where they begin in Outline.names
	length uint8
}

// Run is text that stands in the same container.
type Run struct {
	End       int // offset behind it in the text of the page
	Container int32
	Link      bool // it is the text of a link
}

// Outline is what the text of a page stands in. It keeps its memory from one page to the next, and is used by one goroutine at
// a time.
type Outline struct {
	Containers []Container
	Runs       []Run
	names      []byte

	stack []open
	at    [tagCount]int32 // index in stack of the innermost open one of a tag, plus one; 0: none
	over  int             // open ones beyond the bound
	link  int32           // containers that were open where the link that is open began, plus one; 0: none
	name  []byte          // names of the current tag
	label []byte          // and what else it is called: its itemprop, its rel
	ld    bool            // what comes is JSON-LD

	marks  []Mark
	values []byte // of the marks
	marked bool   // the next text is that of the last mark
	head   Head
}

// open is a container that has not ended. It has an index as soon as there is text in it.
type open struct {
	index  int32 // -1: none yet
	before int32 // what at had for its tag
	tag    Tag
	hint   Hint
	names  int32
	length uint8
}

// Head takes what a page says of itself beside its text, in the order of the page. The memory of its arguments is reused.
type Head interface {
	// Language takes the language of the page (BCP 47), as it is written.
	Language(lang []byte)
	// Meta takes a property: the key in lower case.
	Meta(key, content []byte)
	// Link takes a relation of the page, as canonical.
	Link(rel, href []byte)
	// JSONLD takes a script of structured data.
	JSONLD(script []byte)
}

// Mark is an element within a line that is said to hold a time, or who wrote the text.
type Mark struct {
	Time     bool   // it is a time element; else it is called author, by its class, its rel or its itemprop
	Datetime []byte // of a time
	Label    []byte // its classes, rel and itemprop
	From, To int    // its first piece of text, in the text of the page
	at       [3]int // where its values begin and end in Outline.values
}

// HTML is [HTML], and notes what the text that it appends stands in. Offsets of runs are those of out behind dst.
// What it says of itself goes to head, unless that is nil.
func (o *Outline) HTML(dst, src []byte, head Head) (out []byte, title string) {
	o.Containers, o.Runs, o.names, o.stack = o.Containers[:0], o.Runs[:0], o.names[:0], o.stack[:0]
	o.at, o.over, o.link, o.ld, o.head = [tagCount]int32{}, 0, 0, false, head
	o.marks, o.values, o.marked = o.marks[:0], o.values[:0], false
	out, title = read(dst, src, o)
	o.finish(len(out) - len(dst))
	o.head = nil

	return out, title
}

// finish closes what is open at the end of the page.
func (o *Outline) finish(n int) {
	o.trim(n)
	for i := len(o.Containers) - 1; i >= 0; i-- {
		c := &o.Containers[i]
		c.Last = max(c.Last, int32(i))
		if c.Parent >= 0 {
			p := &o.Containers[c.Parent]
			p.Last = max(p.Last, c.Last)
		}
	}
}

// Names is what a container is called: its id behind a #, and its classes, with spaces between them.
func (o *Outline) Names(c *Container) []byte { return o.names[c.names : int(c.names)+int(c.length)] }

// text notes that the text of the page goes on from one offset to another.
func (o *Outline) text(from, to int) {
	o.trim(from)
	if to <= from {
		return
	}
	if o.marked {
		m := &o.marks[len(o.marks)-1]
		m.From, m.To, o.marked = from, to, false
	}
	c, link := o.container(), o.link > 0
	if n := len(o.Runs); n > 0 && (o.Runs[n-1].Container == c && o.Runs[n-1].Link == link || n == maxRuns) {
		o.Runs[n-1].End = to
		return
	}
	o.Runs = append(o.Runs, Run{End: to, Container: c, Link: link})
}

// trim forgets what was written behind an offset, and is not there any more: the drawing of a formula of which the source came.
func (o *Outline) trim(n int) {
	for i := len(o.Runs) - 1; i >= 0 && o.Runs[i].End > n; i-- {
		if i > 0 && o.Runs[i-1].End >= n {
			o.Runs = o.Runs[:i]
			continue
		}
		o.Runs[i].End = n
	}
}

// container is the index of the innermost open one.
func (o *Outline) container() int32 {
	n := len(o.stack)
	if n == 0 {
		o.name = o.name[:0] // it has no tag, so none of the names that were read last
		o.push(TagBody, 0)
		n = 1
	}
	if at := o.stack[n-1].index; at >= 0 {
		return at
	}
	first := n - 1
	for first > 0 && o.stack[first-1].index < 0 {
		first--
	}
	parent := int32(-1)
	if first > 0 {
		parent = o.stack[first-1].index
	}
	for i := first; i < n; i++ {
		s := &o.stack[i]
		if len(o.Containers) == maxContainers {
			s.index = max(parent, 0)
			continue
		}
		s.index = int32(len(o.Containers))
		o.Containers = append(o.Containers, Container{Parent: parent, Tag: s.tag, Hint: s.hint, names: s.names, length: s.length})
		parent = s.index
	}
	return o.stack[n-1].index
}

// start takes the start tag of a block, of which name has the names.
func (o *Outline) start(tag Tag, hint Hint) {
	if tag == 0 {
		return
	}
	o.imply(tag)
	o.push(tag, hint)
}

func (o *Outline) push(tag Tag, hint Hint) {
	if len(o.stack) == maxOpen {
		o.over++
		return
	}
	s := open{index: -1, before: o.at[tag], tag: tag, hint: hint, names: int32(len(o.names)), length: uint8(len(o.name))}
	o.names = append(o.names, o.name...)
	o.stack = append(o.stack, s)
	o.at[tag] = int32(len(o.stack))
}

// pop closes what is open from an index of the stack, plus one, on.
func (o *Outline) pop(at int32) {
	for i := len(o.stack); i >= int(at); i-- {
		s := &o.stack[i-1]
		if s.index < 0 {
			o.names = o.names[:min(len(o.names), int(s.names))]
		}
		o.at[s.tag] = s.before
	}
	o.stack = o.stack[:at-1]
	if o.link > at {
		o.link = 0 // a link without an end ends where what it began in does
	}
}

// imply closes what a start tag ends without a tag of its own (HTML Standard, 13.2.6.4.7 and on).
func (o *Outline) imply(tag Tag) {
	if n := len(o.stack); n > 0 && (o.stack[n-1].tag == TagP || o.stack[n-1].tag.IsHeading() && tag.IsHeading()) {
		o.pop(int32(n))
	}
	table := o.at[TagTable]
	cell := max(o.at[TagTd], o.at[TagCaption])
	switch tag {
	case TagLi:
		if at := o.at[TagLi]; at > max(o.at[TagUl], o.at[TagOl], table, cell) {
			o.pop(at)
		}
	case TagDt, TagDd:
		if at := max(o.at[TagDt], o.at[TagDd]); at > max(o.at[TagDl], table, cell) {
			o.pop(at)
		}
	case TagTd:
		if cell > table {
			o.pop(cell)
		}
	case TagTr:
		if at := o.at[TagTr]; at > table {
			o.pop(at)
		}
	}
}

// end takes the end tag of a block.
func (o *Outline) end(tag Tag) {
	if o.over > 0 {
		o.over--
		return
	}
	at := o.at[tag]
	if at == 0 {
		return
	}
	barrier := max(o.at[TagTable], o.at[TagTd], o.at[TagCaption])
	switch tag {
	case TagBody:
		return
	case TagTable:
		barrier = 0
	case TagTr, TagTd, TagCaption:
		barrier = o.at[TagTable]
	case TagLi:
		barrier = max(barrier, o.at[TagUl], o.at[TagOl])
	case TagForm:
		// Forms are begun and ended across other elements, which go on.
		if int(at) != len(o.stack) {
			return
		}
	}
	if at >= barrier {
		o.pop(at)
	}
}

// anchor takes the start or the end tag of a link.
func (o *Outline) anchor(begins bool) {
	o.link = 0
	if begins {
		o.link = int32(len(o.stack)) + 1
	}
}

// note takes an attribute of the current tag: what names a container, or says what it is.
func (o *Outline) note(key, value []byte, tag *attributes) {
	switch string(key) {
	case "id":
		o.addName('#', value)
	case "class":
		o.addName(0, value)
	case "href":
		tag.href = true
	case "type":
		o.ld = bytes.HasSuffix(value, []byte("ld+json"))
	case "rel":
		o.addLabel(value)
	case "itemprop":
		o.addLabel(value)
		switch string(value) {
		case "articleBody", "reviewBody":
			tag.hint |= HintBody
		}
	case "role":
		switch string(value) {
		case "main", "article":
			tag.hint |= HintMain
		case "navigation", "banner", "contentinfo", "complementary", "search", "menu", "menubar", "dialog", "alertdialog":
			tag.hint |= HintAside
		}
	}
}

func (o *Outline) addName(mark byte, value []byte) {
	room := maxNames - len(o.name) - 2
	if room <= 0 || len(value) == 0 {
		return
	}
	if len(o.name) > 0 {
		o.name = append(o.name, ' ')
	}
	if mark != 0 {
		o.name = append(o.name, mark)
	}
	o.name = append(o.name, value[:min(len(value), room)]...)
}

// maxMarks bounds how many times and authors are noted.
const maxMarks = 64

// headTag takes a tag that says something of the page.
func (o *Outline) headTag(z *html.Tokenizer, a atom.Atom) {
	if o.head == nil {
		return
	}
	var key, content, rel, href, datetime []byte
	for more := true; more; {
		var k, v []byte
		k, v, more = z.TagAttr()
		switch string(k) {
		case "name", "property", "itemprop", "http-equiv":
			if len(key) == 0 {
				key = bytes.ToLower(v)
			}
			o.addLabel(v)
		case "content":
			content = v
		case "rel":
			rel = v
		case "href":
			href = v
		case "class":
			o.addLabel(v)
		case "datetime":
			datetime = v
		case "lang", "xml:lang":
			if a == atom.Html {
				o.head.Language(v)
			}
		}
	}
	switch {
	case a == atom.Meta && len(key) > 0 && len(content) > 0:
		o.head.Meta(key, content)
	case a == atom.Link && len(rel) > 0 && len(href) > 0:
		o.head.Link(rel, href)
	case a == atom.Time:
		o.mark(datetime, o.label, true)
	}
}

func (o *Outline) addLabel(v []byte) {
	if len(o.label)+len(v) < maxNames {
		o.label = append(append(o.label, ' '), v...)
	}
}

// mark notes an element within a line.
func (o *Outline) mark(datetime, label []byte, time bool) {
	if len(o.marks) == maxMarks || len(datetime) > maxNames {
		return
	}
	m := Mark{Time: time, From: -1}
	m.at[0] = len(o.values)
	o.values = append(o.values, datetime...)
	m.at[1] = len(o.values)
	o.values = append(o.values, label...)
	m.at[2] = len(o.values)
	o.marks, o.marked = append(o.marks, m), true
}

// Marks are those of the page, in their order, of those that have text.
func (o *Outline) Marks() []Mark {
	n := 0
	for _, m := range o.marks {
		if m.From >= 0 {
			m.Datetime, m.Label = o.values[m.at[0]:m.at[1]], o.values[m.at[1]:m.at[2]]
			o.marks[n] = m
			n++
		}
	}
	o.marks = o.marks[:n]
	return o.marks
}

// outlined reads what an outline takes of a tag whose attributes do not matter to the text.
func (p *page) outlined(a atom.Atom, e element, more bool) (tag attributes) {
	p.outline.name, p.outline.label = p.outline.name[:0], p.outline.label[:0]
	switch {
	case !more:
	case e.tag != TagNone:
		tag.hint = p.attributes(a).hint
	case a == atom.Meta, a == atom.Link, a == atom.Time, a == atom.Html:
		p.outline.headTag(p.z, a)
	}
	return tag
}

// enter takes a start tag.
func (o *Outline) enter(a atom.Atom, e element, tag attributes) {
	if e.kind == inline && (a == atom.A || a == atom.Span) && (isAuthor(o.name) || isAuthor(o.label)) {
		o.mark(nil, append(append(o.label, ' '), o.name...), false)
	}
	switch {
	case a == atom.A:
		o.anchor(tag.href)
	case e.tag != TagNone:
		o.start(e.tag, tag.hint)
	}
}

// leave takes an end tag.
func (o *Outline) leave(a atom.Atom, e element) {
	switch {
	case a == atom.A:
		o.anchor(false)
	case e.tag != TagNone:
		o.end(e.tag)
	}
}

func isAuthor(label []byte) bool { return bytes.Contains(label, []byte("author")) }

package article

import "github.com/millrace/millrace/stages/parse/markup"

// part is what is in a container that is not off.
type part struct {
	names   names
	section int32 // the innermost that it is, or is in
	off     why   // it is left out with all in it
	core    bool  // it holds the core
	lead    bool  // it holds the first text behind the headline
	far     bool  // it is beside that, and no part of the article

	good   int64 // value of what reads as text
	bad    int64 // of what does not
	size   int64 // bytes
	links  int64 // of them, in links
	blocks int32
	linked int32 // blocks that are links
	goods  int32 // blocks that read as text
	first  int32 // index of the first of them
	ended  int32 // blocks that end as sentences do
	direct int64 // value of the text in it that is not in a section of its own, and half of that in sections right in it
	trust  int64 // that its names and those of what it is in leave, in percent
}

// isSection says whether text of its own begins in a container, and not in the one around it.
func isSection(t markup.Tag) bool {
	switch t {
	case markup.TagBody, markup.TagDiv, markup.TagSection, markup.TagArticle, markup.TagMain, markup.TagAside, markup.TagNav, markup.TagHeader,
		markup.TagFooter, markup.TagTable, markup.TagTd, markup.TagCaption, markup.TagAddress:
		return true
	}
	return false
}

// begin makes the parts of a page.
func (e *Extractor) begin() {
	chars := int64(0)
	e.han = 0
	for i := range e.blocks {
		e.han += int64(e.blocks[i].han)
		chars += int64(e.blocks[i].chars)
	}
	e.chinese = e.han*3 > chars
	cs := e.outline.Containers
	if cap(e.parts) < len(cs) {
		e.parts = make([]part, len(cs), len(cs)+len(cs)/2)
		e.items = make([]items, cap(e.parts))
	}
	e.parts, e.items = e.parts[:len(cs)], e.items[:len(cs)]
	for i := range e.parts {
		p := &e.parts[i]
		*p = part{names: readNames(e.outline.Names(&cs[i])), section: int32(i)}
		if up := cs[i].Parent; up >= 0 && !isSection(cs[i].Tag) {
			p.section = e.parts[up].section
		}
	}
}

// sum adds up what is in each container.
func (e *Extractor) sum() {
	cs := e.outline.Containers
	for i := range e.parts {
		p := &e.parts[i]
		*p = part{names: p.names, section: p.section, off: p.off, core: p.core, lead: p.lead}
	}
	for i := range e.blocks {
		b := &e.blocks[i]
		p := &e.parts[b.container]
		if p.off != whyNot {
			continue
		}
		good, bad := b.value()
		p.good += good
		p.bad += bad
		p.size += int64(b.size)
		p.links += int64(b.links)
		p.blocks++
		if b.ends && b.size >= 40 {
			p.ended++
		}
		if b.linked() {
			p.linked++
		}
		if good > 0 {
			if p.goods++; p.goods == 1 {
				p.first = int32(i)
			}
			e.parts[p.section].direct += good
			if up := cs[p.section].Parent; up >= 0 {
				e.parts[e.parts[up].section].direct += good / 2
			}
		}
	}
	for i := len(cs) - 1; i > 0; i-- {
		if cs[i].Parent < 0 {
			continue
		}
		p, q := &e.parts[i], &e.parts[cs[i].Parent]
		q.good += p.good
		q.bad += p.bad
		q.size += p.size
		q.links += p.links
		q.blocks += p.blocks
		q.linked += p.linked
		if p.goods > 0 && (q.goods == 0 || p.first < q.first) {
			q.first = p.first
		}
		q.goods += p.goods
		q.ended += p.ended
	}
}

// share is the part of the text of the page that a container has, in percent.
func (e *Extractor) share(p *part) int64 { return p.good * 100 / max(e.parts[0].good, 1) }

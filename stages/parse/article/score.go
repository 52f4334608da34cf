package article

import "millrace/stages/parse/markup"

// part is what is in a container.
type part struct {
	good   int32 // value of what reads as text
	bad    int32 // of what does not
	size   int32 // bytes of text
	links  int32
	count  int32 // blocks
	linked int32 // blocks that are links
	goods  int32 // blocks that read as text
	ended  int32 // blocks that end as sentences
	direct int32 // value of the text that stands in it, and not in a section of its own
	v      verdict
	off    why // it is left out with all in it
	trust  int32
	immune bool // it holds the most text that stands in one place
	far    bool // it is beside that, and no part of it
}

// why says why a block was left out.
type why uint8

const (
	whyTaken why = iota
	whyOutside
	whyLinks
	whyName
	whyComment
	whyByline
	whyTag
	whyTitle
	whyEnd
	whyList
	whyCaption
	whyHeading
	whyByText
)

func (w why) String() string {
	return [...]string{"", "outside", "links", "name", "comment", "byline", "beside", "title", "end", "list", "caption", "heading", "text"}[w]
}

// value is what a block counts for, as text and against it.
func (b *block) value() (good, bad int32) {
	switch {
	case b.links*2 > b.size && b.ends && b.size >= 40:
		return 0, 0
	case b.links*2 > b.size:
		return 0, b.size
	case b.marks > 0 && b.size >= 50 || b.size >= 150 || b.ends && b.size >= 18:
		return max(b.size-2*b.links, 0), 0
	case b.marks > 0 && b.size >= 18 && b.links == 0:
		return b.size / 2, 0
	default:
		return 0, b.size / 2
	}
}

// isSection says whether text of its own begins in a container, and not in the one around it.
func isSection(t markup.Tag) bool {
	switch t {
	case markup.TagP, markup.TagUl, markup.TagOl, markup.TagLi, markup.TagDl, markup.TagDt, markup.TagDd, markup.TagBlockquote, markup.TagPre,
		markup.TagFigure, markup.TagFigcaption, markup.TagTr, markup.TagH1, markup.TagH2, markup.TagH3, markup.TagH4, markup.TagH5, markup.TagH6,
		markup.TagForm, markup.TagFieldset:
		return false
	}
	return true
}

func (e *Extractor) section(c int32) int32 {
	cs := e.outline.Containers
	for !isSection(cs[c].Tag) && cs[c].Parent >= 0 {
		c = cs[c].Parent
	}
	return c
}

// sum adds up what is in each container, without what is off.
func (e *Extractor) sum() {
	cs := e.outline.Containers
	for i := range e.parts {
		p := &e.parts[i]
		*p = part{v: p.v, off: p.off, immune: p.immune}
	}
	for i := range e.blocks {
		b := &e.blocks[i]
		p := &e.parts[b.container]
		if p.off != 0 {
			continue
		}
		g, bad := b.value()
		p.good += g
		p.bad += bad
		p.size += b.size
		p.links += b.links
		p.count++
		if g > 0 {
			p.goods++
			s := e.section(b.container)
			e.parts[s].direct += g
			if up := cs[s].Parent; up >= 0 {
				e.parts[e.section(up)].direct += g / 2
			}
		}
		if b.ends && b.size >= 40 {
			p.ended++
		}
		if b.links*5 > b.size*4 {
			p.linked++
		}
	}
	for i := len(cs) - 1; i > 0; i-- {
		if cs[i].Parent >= 0 {
			p, q := &e.parts[i], &e.parts[cs[i].Parent]
			q.good += p.good
			q.bad += p.bad
			q.size += p.size
			q.links += p.links
			q.count += p.count
			q.linked += p.linked
			q.goods += p.goods
			q.ended += p.ended
		}
	}
}

// choose decides which blocks are taken.
func (e *Extractor) choose() (root int32, ok bool) {
	cs := e.outline.Containers
	if len(cs) == 0 {
		return 0, false
	}
	if cap(e.parts) < len(cs) {
		e.parts = make([]part, len(cs))
	}
	e.parts = e.parts[:len(cs)]
	for i := range e.parts {
		e.parts[i] = part{v: judge(e.outline.Names(&cs[i]))}
	}
	e.sum()
	best := e.anchor()
	for c := best; c >= 0; c = cs[c].Parent {
		e.parts[c].immune = true
	}
	e.names()
	e.sum()
	e.teasers()
	e.sum()
	best = e.anchor()
	e.home = best
	return e.climb(best), true
}

// climb finds what else belongs to the text of a container: sections of some size beside it, and beside those around it. The
// others are turned off.
func (e *Extractor) climb(best int32) (root int32) {
	cs := e.outline.Containers
	root = best
	core := e.parts[best].good
	least := core / 20
	for chain := best; cs[chain].Parent >= 0; {
		a := cs[chain].Parent
		found := false
		for s := a + 1; s <= cs[a].Last; s = cs[s].Last + 1 {
			if s == chain {
				continue
			}
			p := &e.parts[s]
			switch {
			case p.off != 0:
			case p.good > 0 && p.linked == 0 && e.sameName(s, chain):
				found = true
			case p.good >= least && p.good > 80 && p.good > 2*p.bad && p.links*4 < p.size && e.alike(s, best, chain):
				found = true
			default:
				p.far = true
			}
		}
		if found {
			root = a
			core = max(core, e.parts[a].good/2)
		}
		if isSection(cs[a].Tag) {
			least = max(core/5, least*2)
		}
		chain = a
	}
	return root
}

func (e *Extractor) sameName(a, b int32) bool {
	x, y := &e.outline.Containers[a], &e.outline.Containers[b]
	return x.Tag == y.Tag && string(e.outline.Names(x)) == string(e.outline.Names(y))
}

// alike says whether a container beside the one with the text is more of it.
func (e *Extractor) alike(s, best, chain int32) bool {
	p := &e.parts[s]
	if !isSection(e.outline.Containers[s].Tag) {
		return true
	}
	if p.goods >= 3 {
		return p.good > 4*p.bad
	}
	return p.goods >= 1 && p.good > 6*p.bad && (e.sameName(s, chain) || p.v.good)
}

// anchor is the container with the most text that stands in it.
func (e *Extractor) anchor() int32 {
	cs := e.outline.Containers
	best, bestScore := int32(0), int64(-1)
	for i := range cs {
		p := &e.parts[i]
		p.trust = 100
		if up := cs[i].Parent; up >= 0 {
			p.trust = e.parts[up].trust
		}
		switch t := cs[i].Tag; {
		case p.v.comments:
			p.trust = p.trust / 5
		case t == markup.TagNav || t == markup.TagFooter:
			p.trust = p.trust / 4
		case (p.v.never || t == markup.TagAside) && p.v.good:
			p.trust = p.trust * 2 / 3
		case p.v.never, t == markup.TagAside:
			p.trust = p.trust / 3
		case p.v.bad && p.v.good:
			p.trust = p.trust * 3 / 4
		case p.v.bad:
			p.trust = p.trust / 2
		}
		if p.off != 0 {
			continue
		}
		score := int64(p.direct) * int64(p.trust)
		switch {
		case cs[i].Hint&markup.HintBody != 0:
			score *= 2
		case p.v.good || cs[i].Tag == markup.TagArticle || cs[i].Tag == markup.TagMain:
			score += score / 3
		}
		if score > bestScore {
			best, bestScore = int32(i), score
		}
	}
	return best
}

// names turns off what its name or its kind of element says is not the article.
func (e *Extractor) names() {
	cs := e.outline.Containers
	total := int64(max(e.parts[0].good, 1))
	for i := range cs {
		p := &e.parts[i]
		if up := cs[i].Parent; up >= 0 && e.parts[up].off != 0 {
			p.off = e.parts[up].off
			continue
		}
		if p.immune || cs[i].Tag == markup.TagBlockquote {
			continue
		}
		share := int64(p.good) * 100 / total
		switch t := cs[i].Tag; {
		case p.v.never && share < 90:
			p.off = whyName
		case p.v.comments && share < 80:
			p.off = whyComment
		case p.v.bad && !p.v.embed && share < 50:
			p.off = whyName
		case (t == markup.TagNav || t == markup.TagFooter) && share < 90, t == markup.TagAside && share < 50:
			p.off = whyTag
		case cs[i].Hint&markup.HintAside != 0 && share < 50:
			p.off = whyTag
		case t == markup.TagFigcaption:
			p.off = whyCaption
		case p.v.caption && share < 20:
			p.off = whyCaption
		case p.v.weak && !p.v.good && share < 25 && p.links*3 > p.size:
			p.off = whyName
		case p.v.byline && share < 20 && p.size < 600:
			p.off = whyByline
		case p.links*2 > p.size && p.count > p.ended && share < 10:
			p.off = whyLinks
		}
	}
}

// teasers turns off lists of other articles: containers with items that each have a link and a little text beside.
func (e *Extractor) teasers() {
	cs := e.outline.Containers
	total := int64(max(e.parts[0].good, 1))
	if cap(e.items) < len(cs) {
		e.items = make([]items, len(cs))
	}
	e.items = e.items[:len(cs)]
	clear(e.items)
	for i := range cs {
		p, up := &e.parts[i], cs[i].Parent
		if up < 0 || p.off != 0 || p.linked == 0 || p.count == p.linked || p.goods > 2 || p.count > 10 {
			continue
		}
		q := &e.items[up]
		q.count++
		q.size += p.size
	}
	for i := range cs {
		p := &e.parts[i]
		if up := cs[i].Parent; up >= 0 && e.parts[up].off != 0 {
			p.off = e.parts[up].off
			continue
		}
		q := e.items[i]
		if q.count >= 3 && q.size*5 > p.size*3 && int64(p.good)*100/total < 60 {
			p.off = whyList
		}
	}
}

type items struct{ count, size int32 }

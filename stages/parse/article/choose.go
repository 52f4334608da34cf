package article

import "github.com/millrace/millrace/stages/parse/markup"

// attempt marks the blocks of the article, and returns the container that it is in. Names are believed or not.
func (e *Extractor) attempt(believe bool) (root int32) {
	root = e.choose(believe)
	for i := range e.blocks {
		e.blocks[i].leave(whyNot)
	}
	e.take(root)
	return root
}

// choose decides in which container the article is, and what of it is left out. Names are believed or not.
func (e *Extractor) choose(believe bool) (root int32) {
	cs := e.outline.Containers
	e.begin()
	e.sum()
	for c := e.densest(believe); c >= 0; c = cs[c].Parent {
		e.parts[c].core = true
	}
	if e.lead >= 0 {
		for c := e.blocks[e.lead].container; c >= 0; c = cs[c].Parent {
			e.parts[c].lead = true
		}
	}
	if believe {
		e.leaveNamed()
		e.sum()
	}
	e.leaveLists()
	e.sum()
	e.core = e.densest(believe)
	return e.climb(e.core)
}

// densest is the container in which the most text stands together.
func (e *Extractor) densest(believe bool) int32 {
	cs := e.outline.Containers
	best, most := int32(0), int64(-1)
	for i := range cs {
		p := &e.parts[i]
		p.trust = 100
		if up := cs[i].Parent; up >= 0 {
			p.trust = e.parts[up].trust
		}
		if believe {
			p.trust = p.trust * trust(cs[i].Tag, p.names) / 100
		}
		if p.off != whyNot {
			continue
		}
		score := p.direct * p.trust
		switch {
		case cs[i].Hint&markup.HintBody != 0:
			score *= 2
		case p.names&nameGood != 0, cs[i].Tag == markup.TagArticle, cs[i].Tag == markup.TagMain, cs[i].Hint&markup.HintMain != 0:
			score += score / 3
		}
		if e.follows(p) {
			score *= 5
		}
		if score > most {
			best, most = int32(i), score
		}
	}
	return best
}

// follows says whether the text in a container is what comes right behind the headline.
func (e *Extractor) follows(p *part) bool {
	return p.goods > 0 && e.headline < p.first && p.first <= e.lead
}

// trust is what is left of the trust in what a container holds, in percent.
func trust(t markup.Tag, n names) int64 {
	switch {
	case n&nameComments != 0:
		return 8
	case t == markup.TagNav, t == markup.TagFooter:
		return 25
	case n&nameNever != 0, t == markup.TagAside:
		if n&nameGood != 0 {
			return 66
		}
		return 33
	case n&nameBad != 0:
		if n&nameGood != 0 {
			return 75
		}
		return 50
	}
	return 100
}

// climb finds what else belongs to the text in the core: sections of some size beside it, and beside those around it. The
// others are marked as far from it.
func (e *Extractor) climb(core int32) (root int32) {
	cs := e.outline.Containers
	root = core
	size := e.parts[core].good
	least := size / 20
	sections := 0
	for inner := core; cs[inner].Parent >= 0; {
		around := cs[inner].Parent
		found := false
		for s := around + 1; s <= cs[around].Last; s = cs[s].Last + 1 {
			if p := &e.parts[s]; s != inner && p.off == whyNot {
				p.far = !e.belongs(s, inner, least, sections)
				found = found || !p.far && p.good > 0
			}
		}
		if found {
			root = around
			size = max(size, e.parts[around].good/2)
		}
		if isSection(cs[around].Tag) {
			// The farther away, the more it has to be.
			least = max(size/5, 2*least)
			sections++
		}
		inner = around
	}
	return root
}

// belongs says whether a container that stands beside the one with the core is more of the article. The core is as many sections
// deep as the last argument says.
func (e *Extractor) belongs(c, inner int32, least int64, sections int) bool {
	p := &e.parts[c]
	same := e.alike(c, inner)
	switch {
	case p.good == 0:
		return e.outline.Containers[c].Tag.IsHeading() && p.links == 0
	case same && p.linked == 0:
		return true
	case (sections == 0 || sections == 1 && e.leads(p)) && p.links == 0 && p.goods >= 2 && p.good > 30 && p.good > p.bad && !e.repeats(c):
		return true
	case p.links == 0 && e.leads(p) && e.calledLead(c):
		return true
	case p.good < least, p.good <= 80, p.good <= 2*p.bad, p.links*4 >= p.size:
		return false
	case !isSection(e.outline.Containers[c].Tag):
		return true
	case p.goods >= 2 && !e.repeats(c) && (sections == 0 && p.links == 0 || sections < 3 && p.links*10 < p.size && p.good > 4*p.bad && p.linked == 0):
		return true
	case p.goods >= 3:
		return p.good > 4*p.bad
	}
	return p.good > 6*p.bad && (same || p.names&nameGood != 0)
}

// calledLead says whether a container is called what a text begins with, or one in it is.
func (e *Extractor) calledLead(c int32) bool {
	for i := c; i <= e.outline.Containers[c].Last; i++ {
		if e.parts[i].names&nameLead != 0 {
			return true
		}
	}
	return false
}

// leads says whether the text in a container stands between the headline and the core.
func (e *Extractor) leads(p *part) bool {
	return e.headline >= 0 && e.headline < p.first && p.first < e.parts[e.core].first
}

// repeats says whether the container right behind one is called the same: it is an item of a list.
func (e *Extractor) repeats(c int32) bool {
	cs := e.outline.Containers
	next := cs[c].Last + 1
	return int(next) < len(cs) && cs[next].Parent == cs[c].Parent && e.alike(c, next)
}

// alike says whether two containers are of the same kind, and have the same classes.
func (e *Extractor) alike(a, b int32) bool {
	x, y := &e.outline.Containers[a], &e.outline.Containers[b]
	if x.Tag != y.Tag {
		return false
	}
	if class, _ := nextClass(e.outline.Names(x)); len(class) == 0 {
		return string(e.outline.Names(x)) == string(e.outline.Names(y))
	}
	return e.sameClass(a, b)
}

// take marks the blocks of the article, which is in a container.
func (e *Extractor) take(root int32) {
	cs := e.outline.Containers
	last := cs[root].Last
	for i := root + 1; i <= last; i++ {
		e.parts[i].far = e.parts[i].far || e.parts[cs[i].Parent].far
	}
	for i := range e.blocks {
		b := &e.blocks[i]
		p := &e.parts[b.container]
		switch {
		case p.off != whyNot:
			b.why = p.off
		case b.container < root || b.container > last || p.far:
			b.why = whyOutside
		case b.linked() && !b.ends && !e.keepsLink(i):
			b.why = whyLinks
		default:
			b.taken = true
		}
	}
	e.trim()
}

package article

import "github.com/millrace/millrace/stages/parse/markup"

// why says why a block was left out.
type why uint8

const (
	whyNot why = iota // it was not
	whyOutside
	whyLinks
	whyNamed
	whyTag
	whyComment
	whyCaption
	whyList
	whyTitle
	whyByline
	whyNotice
	whyHeading
)

var whyNames = [...]string{
	"", "outside", "links", "named", "beside", "comment", "caption", "list", "title", "byline", "notice", "heading",
}

func (w why) String() string { return whyNames[w] }

// leaveNamed leaves out what its names or its kind of element say is not the article, unless it holds the core.
func (e *Extractor) leaveNamed() {
	cs := e.outline.Containers
	e.captions = e.keepsCaptions()
	for i := range cs {
		p := &e.parts[i]
		if up := cs[i].Parent; up >= 0 && e.parts[up].off != whyNot {
			p.off = e.parts[up].off
			continue
		}
		if !p.core && (cs[i].Tag != markup.TagBlockquote || p.names&nameBad != 0) {
			p.off = e.named(&cs[i], p)
			if p.lead && (p.off == whyTag || p.off == whyNamed && p.names&(nameNever|nameBad) != 0) {
				p.off = whyNot
			}
		}
	}
}

// keepsCaptions says whether what is said of pictures is text of the article: on Chinese pages it is, by the judgement of their
// sites, and where there is little else, as in a gallery.
func (e *Extractor) keepsCaptions() bool {
	if e.chinese {
		return true
	}
	cs := e.outline.Containers
	captions := int64(0)
	for i := range cs {
		if cs[i].Tag == markup.TagFigcaption {
			captions += e.parts[i].good
		}
	}
	return captions*2 > e.parts[0].good
}

// named says why a container is left out, if it is. Names lie, so one that holds a large share of the text stays.
func (e *Extractor) named(c *markup.Container, p *part) why {
	share := e.share(p)
	switch n, t := p.names, c.Tag; {
	case t == markup.TagTextarea:
		return whyTag
	case n&nameComments != 0 && share < 97:
		return whyComment
	case n&nameNever != 0 && share < 90:
		return whyNamed
	case n&nameBad != 0 && n&nameEmbed == 0 && share < 50:
		return whyNamed
	case (t == markup.TagNav || t == markup.TagFooter) && share < 90:
		return whyTag
	case (t == markup.TagAside || c.Hint&markup.HintAside != 0) && share < 50:
		return whyTag
	case !e.captions && (t == markup.TagFigcaption || n&nameCaption != 0 && share < 20):
		return whyCaption
	case n&nameWeak != 0 && n&nameGood == 0 && share < 25 && p.links*3 > p.size && p.linked*3 >= p.blocks:
		return whyNamed
	case n&nameByline != 0 && share < 20 && p.size < 600 && p.good < 200:
		return whyByline
	case t.IsHeading() && c.Parent >= 0 && e.parts[c.Parent].core, t == markup.TagTr, t == markup.TagTd, t == markup.TagTable && p.links*10 < p.size*8:
		// Of a table of figures, whole columns are links, and in the text, headings may be.
	case p.links*2 > p.size && p.linked*2 >= p.blocks && p.blocks > p.ended && share < 10:
		return whyLinks
	}
	return whyNot
}

// mostShare is how much of the text a list may have that is left out in any case, in percent.
const mostShare = 60

// beside says whether the text behind the headline is not in a container.
func (e *Extractor) beside(p *part) bool {
	if e.headline < 0 {
		return false
	}
	size := int64(0)
	for i := int(e.headline) + 1; i < min(len(e.blocks), int(e.headline)+1+nearHeadline); i++ {
		if p.first <= int32(i) {
			break
		}
		if b := &e.blocks[i]; e.parts[b.container].off == whyNot {
			good, _ := b.value()
			size += good
		}
	}
	return size >= leastText
}

// items are the items of a list.
type items struct{ count, size int64 }

// leaveLists leaves out lists of other articles: containers most of whose children have a link and a little text beside it.
func (e *Extractor) leaveLists() {
	cs := e.outline.Containers
	clear(e.items)
	for i := range cs {
		p, up := &e.parts[i], cs[i].Parent
		if up < 0 || p.off != whyNot || cs[i].Tag == markup.TagTr || cs[i].Tag == markup.TagTd || p.linked == 0 || p.blocks == p.linked || p.goods > 2 || p.blocks > 10 {
			continue
		}
		e.items[up].count++
		e.items[up].size += p.size
	}
	e.lists, e.list = 0, 0
	for i := range cs {
		p := &e.parts[i]
		if up := cs[i].Parent; up >= 0 && e.parts[up].off != whyNot {
			p.off = e.parts[up].off
			continue
		}
		if l := e.items[i]; l.count >= 3 && l.size*5 > p.size*3 {
			if share := e.share(p); share > e.lists {
				e.lists, e.list = share, int32(i)
			}
			if e.share(p) < mostShare || e.beside(p) {
				p.off = whyList
			}
		}
	}
}

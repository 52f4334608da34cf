package article

import "bytes"

// What stands in several containers of the same kind is either one text in pieces, or what several people wrote.
const (
	leastTwin = 60   // value of the text of one; of a post, 1
	maxTwins  = 4096 // that are looked at
)

// twins finds the containers that are what the core is: of the same kind and classes, in containers of the same kind and classes.
func (e *Extractor) twins(least int64) {
	cs := e.outline.Containers
	e.same = e.same[:0]
	core := &cs[e.core]
	if core.Parent < 0 || len(e.outline.Names(core)) == 0 {
		return
	}
	for i := range cs {
		c := &cs[i]
		p := &e.parts[i]
		if c.Tag != core.Tag || c.Parent < 0 || p.off != whyNot || p.good < least || p.links*4 > p.size || len(e.same) == maxTwins {
			continue
		}
		if int32(i) != e.core && (int32(i) >= e.core && int32(i) <= core.Last || e.core > int32(i) && e.core <= c.Last) {
			continue // in it, or around it
		}
		if e.sameClass(int32(i), e.core) && cs[c.Parent].Tag == cs[core.Parent].Tag && e.sameClass(c.Parent, core.Parent) {
			e.same = append(e.same, int32(i))
		}
	}
	if len(e.same) < 2 {
		e.same = e.same[:0]
	}
}

// sameClass says whether two containers have the same classes.
func (e *Extractor) sameClass(a, b int32) bool {
	x, y := e.outline.Names(&e.outline.Containers[a]), e.outline.Names(&e.outline.Containers[b])
	for {
		var v, w []byte
		v, x = nextClass(x)
		w, y = nextClass(y)
		if !bytes.Equal(v, w) {
			return false
		}
		if len(v) == 0 {
			return true
		}
	}
}

// nextClass takes the next class of names, without the id.
func nextClass(names []byte) (class, rest []byte) {
	for {
		names = bytes.TrimLeft(names, " ")
		end := bytes.IndexByte(names, ' ')
		if end < 0 {
			end = len(names)
		}
		class, names = names[:end], names[end:]
		if len(class) == 0 || class[0] != '#' {
			return class, names
		}
	}
}

// join takes the texts of the twins of the core where they belong to it: questions with their answers, or several articles on a page
// that is not called after one of them. Where they are what people say to each other, there is no article but for a first post
// that outweighs the others: the others are comments then, or all are.
func (e *Extractor) join() (none bool) {
	var called names
	for c := e.core; c >= 0; c = e.outline.Containers[c].Parent {
		called |= e.parts[c].names
	}
	least := int64(leastTwin)
	if called&nameThread != 0 {
		least = 1
	}
	e.twins(least)
	if len(e.same) == 0 {
		return false
	}
	others := int64(0)
	for _, i := range e.same {
		if i != e.core {
			others += e.parts[i].good
		}
	}
	switch {
	case called&nameAnswer != 0:
		e.takeTwins(whyNot)
	case called&nameThread != 0:
		e.takeTwins(whyComment)
		if own := e.parts[e.core].good; others*2 <= own || others <= own && e.core == e.same[0] {
			return false
		}
		for i := range e.blocks {
			if b := &e.blocks[i]; b.taken {
				b.leave(whyComment)
			}
		}
		return true
	case e.headline < 0 || !e.follows(&e.parts[e.core]):
		e.takeTwins(whyNot)
	}
	return false
}

// takeTwins takes the blocks of the twins of the core, or notes that they are comments.
func (e *Extractor) takeTwins(as why) {
	k := 0
	for i := range e.blocks {
		b := &e.blocks[i]
		for k < len(e.same) && e.outline.Containers[e.same[k]].Last < b.container {
			k++
		}
		if k == len(e.same) {
			return
		}
		if b.container < e.same[k] || e.same[k] == e.core || b.why != whyOutside {
			continue
		}
		b.taken, b.why = as == whyNot, as
	}
}

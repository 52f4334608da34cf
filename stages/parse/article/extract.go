package article

import (
	"bytes"
	"iter"

	"millrace/stages/parse/markup"
)

// Options say what is taken beside the article.
type Options struct {
	Markdown bool
	Comments bool
}

// Extractor keeps its memory.
type Extractor struct {
	outline markup.Outline
	text    []byte
	title   string
	home    int32
	blocks  []block
	parts   []part
	items   []items
}

// Page is what was found.
type Page struct {
	None                             bool
	Where                            string
	Taken, Blocks, TakenChars, Chars int
	Title                            string
}

// Block is one.
type Block struct {
	Text  []byte
	Taken bool
	Why   string
	Path  string
	Home  bool
	Tag   markup.Tag
}

// Extract extracts.
func (e *Extractor) Extract(dst, src []byte, o Options) (out []byte, p Page) {
	e.text, p.Title = e.outline.HTML(e.text[:0], src, nil)
	e.title = p.Title
	e.cut(e.text)
	root, ok := e.choose()
	if ok {
		e.take(root)
	}
	line := false
	for i := range e.blocks {
		b := &e.blocks[i]
		if !b.taken {
			continue
		}
		if line {
			if b.cell {
				dst = append(dst, '\t')
			} else {
				dst = append(dst, '\n')
			}
		}
		line = true
		t := e.text[b.from:b.to]
		for len(t) > 0 && t[0] == '\t' {
			t = t[1:]
		}
		dst = append(dst, t...)
	}
	return dst, p
}

func (e *Extractor) take(root int32) {
	cs := e.outline.Containers
	last := cs[root].Last
	for i := int(root); i <= int(last); i++ {
		if up := cs[i].Parent; i > int(root) && e.parts[up].far {
			e.parts[i].far = true
		}
	}
	for i := range e.blocks {
		b := &e.blocks[i]
		p := &e.parts[b.container]
		switch {
		case p.off != 0:
			b.why = p.off
		case b.container < root || b.container > last || p.far:
			b.why = whyOutside
		case b.links*5 > b.size*4 && !b.ends && !(e.atHome(b) && (e.kind(b).IsHeading() || hasHan(e.text[b.from:b.to]) || bytes.HasPrefix(bytes.TrimSpace(e.text[b.from:b.to]), []byte("http")))):
			b.why = whyLinks
		default:
			b.taken = true
		}
	}
	e.trim()
}

// Blocks are those of the last page.
func (e *Extractor) Blocks() iter.Seq[Block] {
	return func(yield func(Block) bool) {
		for i := range e.blocks {
			b := &e.blocks[i]
			path := ""
			for c := b.container; c >= 0; c = e.outline.Containers[c].Parent {
				path += " < " + string(e.outline.Names(&e.outline.Containers[c]))
			}
			if !yield(Block{e.text[b.from:b.to], b.taken, b.why.String(), path, e.section(b.container) == e.home, e.kind(b)}) {
				return
			}
		}
	}
}

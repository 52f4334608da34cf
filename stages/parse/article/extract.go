package article

import (
	"bytes"
	"iter"

	"github.com/millrace/millrace/stages/parse/article/facts"
	"github.com/millrace/millrace/stages/parse/markup"
)

// Options say what is taken beside the text of the article.
type Options struct {
	Markdown bool // headings, lists, tables, code and quotes are marked, as CommonMark has them
	Comments bool // what readers say about it follows
}

// Page is what was found on a page.
type Page struct {
	// None says that it has no article: it is a list, a front page, a thread of posts, a notice. The text is that of the whole page
	// then. Posts are comments: where these are kept, a thread has nothing but its posts.
	None bool
	// Where is the path of the element that holds the article, as div#content > div.text; empty if it is the whole page.
	Where string
	// Blocks is how many lines, and cells of rows, it has, and Taken how many of them are in the text.
	Blocks, Taken int
	// Chars is how many characters they have, without white space, and LinkChars how many of them are those of links.
	Chars, TakenChars, LinkChars int
	// Facts are what the page says of the article.
	Facts facts.Facts
}

// Block is a line of a page, or a cell of a row.
type Block struct {
	Text  []byte // valid until the next page
	Taken bool
	Why   string // it was left out; empty if it was not
}

// Extractor takes articles out of pages. It keeps its memory from one page to the next, and is used by one goroutine at a time.
type Extractor struct {
	outline  markup.Outline
	text     []byte // of the page
	title    string
	name     string // of the article, in the title
	blocks   []block
	parts    []part // of the containers, by their index
	items    []items
	places   []place // of the containers, where Markdown is written
	same     []int32 // containers like the core, and the core
	core     int32   // container in which most of the text stands
	headline int32   // block; -1: none was found
	lead     int32   // the first text behind it; -1: there is none near it
	lists    int64   // share of the text that the largest list of other articles has, in percent
	list     int32   // its container
	chinese  bool    // a third of the page is Han characters
	han      int64   // Han characters of the page
	captions bool    // those of pictures are text
	path     []byte  // scratch
	comments bool    // are kept
	facts    facts.Collector
}

// keepMemory is how much memory an extractor keeps from one page to the next, in bytes of its text.
const keepMemory = 1 << 20

// Extract appends the text of the article of a page to dst: a page is UTF-8. A page without an article, and one on which there is
// nothing else, gives all its text.
func (e *Extractor) Extract(dst, src []byte, o Options) (out []byte, p Page) {
	if cap(e.text) > keepMemory {
		*e = Extractor{}
	}
	e.comments = o.Comments
	e.facts.Reset()
	e.text, e.title = e.outline.HTML(e.text[:0], src, &e.facts)
	e.cut()
	whole := len(e.blocks) == 0
	p.None = whole
	if !whole {
		e.findHeadline()
		root := e.attempt(true)
		whole = e.plain()
		p.None = !whole && e.nothing()
		if p.None || !whole && !e.follows(&e.parts[e.core]) {
			root, p.None = e.again(root, p.None)
		}
		if !whole && !p.None {
			p.None = e.join() && !e.comments
		}
		if !whole && !p.None {
			p.Where = e.where(root)
		}
	}
	for i := range e.blocks {
		b := &e.blocks[i]
		p.Chars += int(b.chars)
		p.LinkChars += int(b.linkChars)
		if whole || p.None || b.taken || e.comments && e.isComment(b) {
			p.Taken++
			p.TakenChars += int(b.chars)
		}
	}
	p.Blocks = len(e.blocks)
	e.print(p.None)
	p.Facts = e.facts.Facts()
	if e.contradicts(p.Facts.Language) {
		p.Facts.Language = ""
	}
	if whole {
		for i := range e.blocks {
			e.blocks[i].taken, e.blocks[i].why = true, whyNot
		}
	}
	switch {
	case o.Markdown:
		return e.markdown(dst, p.None), p
	case whole || p.None:
		return append(dst, e.text...), p
	}
	return e.plainText(dst), p
}

// plainText appends the lines that are taken, and comments behind them if they are kept.
func (e *Extractor) plainText(dst []byte) []byte {
	start := len(dst)
	last := -1
	for i := range e.blocks {
		b := &e.blocks[i]
		if !b.taken {
			continue
		}
		switch {
		case last < 0:
		case last == i-1:
			dst = append(dst, e.text[e.blocks[last].to:b.from]...) // with the blank lines of code
		case b.cell && e.blocks[last].row(b):
			dst = append(dst, '\t')
		default:
			dst = append(dst, '\n')
		}
		text := e.text[b.from:b.to]
		if len(dst) == start || dst[len(dst)-1] == '\n' || last != i-1 {
			text = bytes.TrimLeft(text, "\t")
		}
		dst = append(dst, text...)
		last = i
	}
	if e.comments {
		for i := range e.blocks {
			if b := &e.blocks[i]; e.isComment(b) {
				if len(dst) > start {
					dst = append(dst, '\n')
				}
				dst = append(dst, bytes.TrimLeft(e.text[b.from:b.to], "\t")...)
			}
		}
	}
	return dst
}

// Blocks are those of the last page, in their order.
func (e *Extractor) Blocks() iter.Seq[Block] {
	return func(yield func(Block) bool) {
		for i := range e.blocks {
			b := &e.blocks[i]
			block := Block{Text: bytes.TrimLeft(e.text[b.from:b.to], "\t"), Taken: b.taken, Why: b.why.String()}
			if e.comments && e.isComment(b) {
				block.Taken, block.Why = true, ""
			}
			if !yield(block) {
				return
			}
		}
	}
}

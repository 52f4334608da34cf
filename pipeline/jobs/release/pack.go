package release

import (
	"slices"

	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/tokens"
)

// part is a document, or a part of one, in a sequence.
type part struct {
	id     [16]byte
	copy   int
	number int  // of the part in its document, from 0 on
	first  bool // it begins the first copy of its document in the order of the release
	row    releasedRow
	tokens int
}

// packer makes sequences of documents. It is for one goroutine.
type packer struct {
	length  int // of sequences, 0: as they are
	longest int // of parts, 0: any
	how     string
	pad     int32
	yield   func(s *tokens.Sequence, parts []part) error

	sequence tokens.Sequence // that is filled
	parts    []part
	bins     []bin // of best fit
	waiting  int   // tokens in bins
}

// bin is a sequence that best fit fills.
type bin struct {
	ids   []int32
	parts []part
}

// windowLengths is how many sequences best fit looks at together: documents are placed in the order of their lengths within such a window.
const windowLengths = 512

func newPacker(e *recipe.Encode, pad int32, yield func(*tokens.Sequence, []part) error) *packer {
	p := &packer{longest: e.Longest, how: e.Pack.How, pad: pad, yield: yield}
	if p.how != recipe.PackNone {
		p.length = e.Pack.Length
	}
	if p.how == recipe.PackBestFit && (p.longest == 0 || p.longest > p.length) {
		p.longest = p.length
	}
	return p
}

// add adds a document.
func (p *packer) add(d part, ids []int32) error {
	for len(ids) > 0 {
		n := len(ids)
		if p.longest > 0 {
			n = min(n, p.longest)
		}
		if err := p.part(&d, ids[:n]); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// part adds tokens of a document that are no more than a part may have. d is then the part that follows.
func (p *packer) part(d *part, ids []int32) error {
	switch p.how {
	case recipe.PackConcat:
		return p.concat(d, ids)
	case recipe.PackBestFit:
		p.bins = append(p.bins, bin{slices.Clone(ids), []part{d.next(len(ids))}})
		if p.waiting += len(ids); p.waiting >= windowLengths*p.length {
			return p.fit()
		}
		return nil
	}
	p.append(d.next(len(ids)), ids)
	return p.flush()
}

// next returns the part with that many tokens, and makes d the one that follows.
func (d *part) next(tokens int) part {
	is := *d
	is.tokens = tokens
	d.number, d.first = d.number+1, false
	return is
}

func (p *packer) append(d part, ids []int32) {
	s := &p.sequence
	s.Starts = append(s.Starts, int32(len(s.Tokens)))
	s.IDs = append(s.IDs, d.id)
	s.Tokens = append(s.Tokens, ids...)
	p.parts = append(p.parts, d)
}

// concat fills sequences one after the other; a document goes on in the next.
func (p *packer) concat(d *part, ids []int32) error {
	for len(ids) > 0 {
		n := min(len(ids), p.length-len(p.sequence.Tokens))
		p.append(d.next(n), ids[:n])
		ids = ids[n:]
		if len(p.sequence.Tokens) == p.length {
			if err := p.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// fit packs what waits: the longest first, each to where it leaves the least room (best fit decreasing; Johnson, Near-optimal bin packing algorithms, 1973).
func (p *packer) fit() error {
	list := p.bins
	slices.SortStableFunc(list, func(a, b bin) int { return len(b.ids) - len(a.ids) })
	var full []bin
	rooms := make([][]int, p.length+1) // open sequences by the room that they have
	for _, b := range list {
		at := -1
		for room := len(b.ids); room <= p.length; room++ {
			if n := len(rooms[room]); n > 0 {
				at = rooms[room][0]
				rooms[room] = rooms[room][1:]
				break
			}
		}
		if at < 0 {
			at = len(full)
			full = append(full, bin{})
		}
		f := &full[at]
		f.ids, f.parts = append(f.ids, b.ids...), append(f.parts, b.parts...)
		rooms[p.length-len(f.ids)] = append(rooms[p.length-len(f.ids)], at)
	}
	p.bins, p.waiting = p.bins[:0], 0
	for _, f := range full {
		ids := f.ids
		for _, d := range f.parts {
			p.append(d, ids[:d.tokens])
			ids = ids[d.tokens:]
		}
		if err := p.flush(); err != nil {
			return err
		}
	}
	return nil
}

// flush hands over the sequence, filled up to its length.
func (p *packer) flush() error {
	s := &p.sequence
	if len(s.Tokens) == 0 {
		return nil
	}
	for s.Padded = 0; len(s.Tokens) < p.length; s.Padded++ {
		s.Tokens = append(s.Tokens, p.pad)
	}
	err := p.yield(s, p.parts)
	s.Tokens, s.Starts, s.IDs, p.parts = s.Tokens[:0], s.Starts[:0], s.IDs[:0], p.parts[:0]
	return err
}

// end hands over what is left.
func (p *packer) end() error {
	if p.how == recipe.PackBestFit {
		return p.fit()
	}
	return p.flush()
}

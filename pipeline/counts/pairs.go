package counts

import "unicode/utf8"

// ranks is how many letters have a row and a column of their own in a table of pairs.
const ranks = 1024

// pairs counts the pairs of the first letters that there are, which are the frequent ones: a flat table, 12 MiB of which the frequent part stays in the
// cache. Pairs of other letters are counted in cells.
type pairs struct {
	ranks   [mostLetters]uint16 // of letters, from 1 on; 0: it has none so far
	letters []rune              // by rank
	cells   []pair
}

type pair struct{ count, documents, last uint32 }

func newPairs() *pairs {
	return &pairs{letters: make([]rune, 0, ranks), cells: make([]pair, ranks*ranks)}
}

// two counts the pairs of a document.
func (g *Grams) two(text []byte) {
	p, block, document := g.pairs, 0, g.document
	var last uint32 // letter before
	rank := -1      // its rank
	inside := false
	direct := uint32(0)
	for i := 0; i < len(text); {
		r, size := decode(text[i:])
		i += size
		if !g.letters.has(r) {
			inside = false
			continue
		}
		own := int(p.ranks[r]) - 1
		if own < 0 && len(p.letters) < ranks {
			own = len(p.letters)
			p.letters = append(p.letters, rune(r))
			p.ranks[r] = uint16(own + 1)
		}
		switch {
		case !inside:
		case own >= 0 && rank >= 0:
			c := &p.cells[rank*ranks+own]
			c.count++
			fresh := uint32(0)
			if c.last != document {
				fresh = 1
			}
			c.documents += fresh
			c.last = document
			direct++
		default:
			g.block[block] = gram{low: uint64(last)<<letterBits | uint64(r)}
			if block++; block == gramBlock {
				g.add(g.block[:])
				block = 0
			}
		}
		last, rank, inside = r, own, true
	}
	g.add(g.block[:block])
	g.occurrences += direct
}

// flush adds the pairs to what is written, and forgets them.
func (p *pairs) flush(w *scratch) {
	for left, first := range p.letters {
		row := p.cells[left*ranks:][:len(p.letters)]
		for right := range row {
			c := &row[right]
			if c.count == 0 {
				continue
			}
			at := len(w.arena)
			w.arena = utf8.AppendRune(w.arena, first)
			w.arena = utf8.AppendRune(w.arena, p.letters[right])
			w.entries = append(w.entries, entry{count: int64(c.count), at: uint32(at), documents: c.documents, size: uint16(len(w.arena) - at)})
			*c = pair{}
		}
	}
	clear(p.ranks[:])
	p.letters = p.letters[:0]
}

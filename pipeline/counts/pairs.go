package counts

import "unicode/utf8"

const (
	// ranks is how many letters have a row and a column of their own in a table of pairs, with the one of what is no letter.
	ranks = 1024
	// unranked is the rank of a letter that has none.
	unranked = 1<<16 - 1
)

// pairs counts the pairs of the first letters that there are, which are the frequent ones: a flat table, 12 MiB of which the frequent part stays in the
// cache. What is no letter has the rank 0, so that nothing has to be asked of most pairs: those with it are counted for nobody. Pairs of other letters are
// counted in cells.
type pairs struct {
	ranks   [mostLetters]uint16
	letters []rune // by rank
	cells   []pair
	block   [gramBlock + 1]uint16
	runes   [gramBlock + 1]uint32
}

type pair struct{ count, documents, last uint32 }

func newPairs() *pairs {
	p := &pairs{cells: make([]pair, ranks*ranks)}
	p.begin()
	return p
}

// begin ranks no letter.
func (p *pairs) begin() {
	all := loadLetters()
	for r := range p.ranks {
		p.ranks[r] = 0
		if all.has(uint32(r)) {
			p.ranks[r] = unranked
		}
	}
	p.letters = append(p.letters[:0], 0)
}

// two counts the pairs of a document.
func (g *Grams) two(text []byte) {
	p := g.pairs
	p.block[0], p.runes[0] = 0, 0 // as if behind something that is no letter
	for i := 0; i < len(text); {
		n := 1
		for ; n <= gramBlock && i < len(text); n++ {
			r, size := decode(text[i:])
			i += size
			rank := uint16(0)
			if r < mostLetters {
				rank = p.ranks[r]
			}
			if rank == unranked && len(p.letters) < ranks {
				rank = uint16(len(p.letters))
				p.letters = append(p.letters, rune(r))
				p.ranks[r] = rank
			}
			p.block[n], p.runes[n] = rank, r
		}
		g.pairsOf(n)
		p.block[0], p.runes[0] = p.block[n-1], p.runes[n-1]
	}
}

// pairsOf counts the pairs of a block.
func (g *Grams) pairsOf(n int) {
	p, document, others := g.pairs, g.document, 0
	cells := (*[ranks * ranks]pair)(p.cells)
	for i := 1; i < n; i++ {
		left, right := p.block[i-1], p.block[i]
		if left < ranks && right < ranks {
			c := &cells[uint32(left)*ranks|uint32(right)]
			c.count++
			fresh := uint32(0)
			if c.last != document {
				fresh = 1
			}
			c.documents += fresh
			c.last = document
		} else if left != 0 && right != 0 {
			g.block[others] = gram{low: uint64(p.runes[i-1])<<letterBits | uint64(p.runes[i])}
			others++
		}
	}
	g.occurrences += uint32(n - 1 - others)
	g.add(g.block[:others])
}

// flush adds the pairs to what is written, and forgets them.
func (p *pairs) flush(w *scratch) {
	for left := range p.letters {
		row := p.cells[left*ranks:][:len(p.letters)]
		for right := range row {
			c := &row[right]
			if c.count > 0 && left > 0 && right > 0 {
				at := len(w.arena)
				w.arena = utf8.AppendRune(w.arena, p.letters[left])
				w.arena = utf8.AppendRune(w.arena, p.letters[right])
				w.entries = append(w.entries, entry{count: int64(c.count), at: uint32(at), documents: c.documents, size: uint16(len(w.arena) - at)})
			}
			*c = pair{}
		}
	}
	p.begin()
}

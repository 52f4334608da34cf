package contamination

import (
	"math/bits"
	"slices"
)

// scanner finds the n-grams and the short questions of an index in documents. It is memory for one document after the other.
type scanner struct {
	index *Index
	sequence
	grams grams
	short grams

	hashes [batch]uint64
	places [batch]int32
}

func newScanner(x *Index) scanner {
	return scanner{
		index: x, sequence: sequence{characters: loadCharacters()},
		grams: newGrams(x.options.need(), x.powers), short: newGrams(x.options.short(), x.shortPowers),
	}
}

// each reads a document. Of each n-gram that is an entry it yields that and its first unit, and then each short question with
// where it begins.
func (s *scanner) each(text []byte, yield func(entry, at int), whole func(part uint32, at int)) {
	x := s.index
	s.read(text)
	s.grams.over(s.units)
	s.probe(&s.grams, x.grams, yield)
	if len(x.wholes) == 0 {
		return
	}
	s.short.over(s.units)
	s.probe(&s.short, x.short, func(entry, at int) {
		for _, p := range x.short.at(entry) {
			if q := x.of(x.parts[p.part].stretch); len(q) <= len(s.units)-at && slices.Equal(q, s.units[at:at+len(q)]) {
				whole(p.part, at)
			}
		}
	})
}

// batch is how many n-grams are looked up at once.
const batch = 64

// probe yields the n-grams that are entries of a table.
func (s *scanner) probe(g *grams, t *table, yield func(entry, at int)) {
	for {
		n := g.fill(s.hashes[:], s.places[:])
		for maybe := t.sift(s.hashes[:n]); maybe != 0; maybe &= maybe - 1 {
			k := bits.TrailingZeros64(maybe)
			if entry := t.find(s.hashes[k]); entry >= 0 {
				yield(entry, int(s.places[k]))
			}
		}
		if n < batch {
			return
		}
	}
}

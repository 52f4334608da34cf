package datatrove

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/millrace/millrace/pipeline/signal"
)

// grams measures n words in a row.
type grams struct {
	joined []byte  // the words with nothing between them, and zeros for longestStart behind them
	starts []int32 // where each word starts in it, and the end
	chars  []int32 // the characters in front of each word, and all
	words  []int32 // their numbers
	texts  texts
	rows   []row
	pairs  pairs
	// What starts at words: how much of it starts at another too, the hashes and how often each is there for that, and from which words on a
	// row may be there twice.
	again  []uint8
	hashes []uint32
	counts []uint8
	places []int32
}

// row is some words in a row that may be there more than once.
type row struct {
	at, number int32 // its first word, and which row it is
}

// measure puts the figures of n words in a row into out. Each word has so many of wordChars, the text chars.
func (g *grams) measure(text []byte, words []span, wordChars []int32, chars int64, out []int64) {
	g.lay(text, words, wordChars)
	g.rows = g.rows[:0]
	for i, number := range g.words {
		g.rows = append(g.rows, row{int32(i), number})
	}
	g.keepRepeated(g.texts.counts)
	for n := 2; n <= 4; n++ {
		g.lengthen(n)
		out[top2+n-2] = signal.Share(g.top(n), chars)
		g.keepRepeated(g.pairs.counts)
	}
	g.findAgain()
	g.findPlaces(5)
	for n := 5; n <= 10; n++ {
		out[dup5+n-5] = signal.Share(g.repeated(n), chars)
	}
}

// lay puts the words beside one another and numbers them.
func (g *grams) lay(text []byte, words []span, wordChars []int32) {
	g.starts, g.chars, g.words = g.starts[:0], g.chars[:0], g.words[:0]
	g.joined = slices.Grow(g.joined[:0], len(text)+longestStart+8)
	joined := g.joined[:cap(g.joined)]
	g.texts.reset(len(words))
	at, chars := int32(0), int32(0)
	for i, w := range words {
		var number int32
		part := span{at, at + w.end - w.start}
		if n := w.end - w.start; n <= 8 && int(w.start)+8 <= len(text) {
			short := binary.LittleEndian.Uint64(text[w.start:]) & (1<<(8*n) - 1)
			binary.LittleEndian.PutUint64(joined[at:], short)
			number = g.texts.addShort(short, part)
		} else {
			copy(joined[at:], text[w.start:w.end])
			clear(joined[part.end : part.end+8])
			if n <= 8 {
				number = g.texts.addShort(binary.LittleEndian.Uint64(joined[at:]), part)
			} else {
				number, _ = g.texts.add(joined, part)
			}
		}
		g.starts, g.chars, g.words = append(g.starts, at), append(g.chars, chars), append(g.words, number)
		at, chars = part.end, chars+wordChars[i]
	}
	g.starts, g.chars = append(g.starts, at), append(g.chars, chars)
	clear(joined[at : at+longestStart])
	g.joined = joined[:at+longestStart]
}

// keepRepeated leaves the rows that are there more than once.
func (g *grams) keepRepeated(counts []int32) {
	kept := g.rows[:0]
	for _, r := range g.rows {
		if counts[r.number] > 1 {
			kept = append(kept, r)
		}
	}
	g.rows = kept
}

// lengthen makes rows of n words of those of n-1: two that overlap are one. Where one of the two is there once, the longer row is, too.
func (g *grams) lengthen(n int) {
	g.pairs.reset(len(g.rows))
	longer := g.rows[:0]
	for i := 1; i < len(g.rows); i++ {
		if r := g.rows[i-1]; g.rows[i].at == r.at+1 {
			longer = append(longer, row{r.at, g.pairs.add(r.number, g.words[int(r.at)+n-1], r.at)})
		}
	}
	g.rows = longer
}

// top is the characters of the commonest n words in a row, with spaces between them, times how often they are there. Of several the first
// counts, so the very first if none is there twice.
func (g *grams) top(n int) int64 {
	if len(g.words) < n {
		return 0
	}
	at, most := int32(0), int32(1)
	for i, count := range g.pairs.counts {
		if count > most {
			at, most = g.pairs.first[i], count
		}
	}
	return int64(g.chars[int(at)+n]-g.chars[at]+int32(n-1)) * int64(most)
}

// What n words in a row must begin with as another word does to be there twice, if they are so long: so many bytes, from more to fewer places.
var startLengths = [...]int32{16, 24, 32, 48}

const longestStart = 48

// zeros are n of them, in the memory of s if it has room.
func zeros[T any](s []T, n int) []T {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

// findAgain says of every word how many of the lengths of starts are there again. Starts that only have a hash in common cost time but say nothing
// wrong.
func (g *grams) findAgain() {
	g.again = zeros(g.again, len(g.words))
	g.places = g.places[:0]
	for i := range g.words {
		g.places = append(g.places, int32(i))
	}
	g.hashes = slices.Grow(g.hashes[:0], len(g.words))[:len(g.words)]
	for _, length := range startLengths {
		log := max(4, bits.Len(uint(4*len(g.places))))
		g.counts = zeros(g.counts, 1<<log)
		counts, hashes := g.counts, g.hashes[:len(g.places)]
		for k, i := range g.places {
			h := uint32(g.startKey(g.joined[g.starts[i]:], length) >> (64 - log))
			hashes[k] = h
			counts[h] = min(counts[h]+1, 2)
		}
		left := 0
		for k, i := range g.places {
			more := counts[hashes[k]] >> 1
			g.again[i] += more
			g.places[left] = i
			left += int(more)
		}
		g.places = g.places[:left]
	}
}

// startKey is a hash of the first bytes of t, a multiple of eight.
func (g *grams) startKey(t []byte, length int32) uint64 {
	key := pairKey
	for i := int32(0); i < length; i += 8 {
		high, low := bits.Mul64(binary.LittleEndian.Uint64(t[i:])^pairKey, key+uint64(i)|1)
		key = high ^ low
	}
	return key
}

// findPlaces fills places for rows of n words and more.
func (g *grams) findPlaces(n int) {
	g.places = g.places[:0]
	for i := 0; i+n <= len(g.words); i++ {
		if g.mayRepeat(i, n) {
			g.places = append(g.places, int32(i))
		}
	}
}

// repeated is the characters of n words in a row that were there before, where behind such a row the next begins. Rows are the same if their
// words with nothing between them are.
func (g *grams) repeated(n int) int64 {
	g.texts.reset(len(g.places))
	chars, next := int64(0), 0
	for _, at := range g.places {
		i := int(at)
		if i < next || i+n > len(g.words) || !g.mayRepeat(i, n) {
			continue
		}
		if _, before := g.texts.add(g.joined, span{g.starts[i], g.starts[i+n]}); before {
			chars += int64(g.chars[i+n] - g.chars[i])
			next = i + n
		}
	}
	return chars
}

// mayRepeat says whether n words from i on begin as others do, as far as that is known. If not, no more words do.
func (g *grams) mayRepeat(i, n int) bool {
	again := int(g.again[i])
	return again == len(startLengths) || g.starts[i+n]-g.starts[i] < startLengths[again]
}

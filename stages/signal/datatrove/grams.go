package datatrove

import (
	"encoding/binary"
	"math/bits"

	"millrace/pipeline/signal"
)

// grams measures n words in a row.
type grams struct {
	joined []byte  // the words with nothing between them, and a margin
	starts []int32 // where each word starts in it, and the end
	chars  []int32 // the characters in front of each word, and all
	texts  texts
	words  []int32 // their numbers
	pairs  [2]pairs
	rows   [2][]int32 // of n words that start at a word: their number, -1 if they are there once
	again  []bool     // what starts here starts with bytes that another word starts with too
	starting
}

// measure puts the figures of n words in a row into out. Each word has so many of wordChars, the text chars.
func (g *grams) measure(text []byte, words []span, wordChars []int32, chars int64, out []int64) {
	g.lay(text, words, wordChars)
	counts := g.texts.counts
	row := g.words
	for n := 2; n <= 4; n++ {
		p := &g.pairs[n&1]
		next := g.row(p, row, counts, n, g.rows[n&1])
		g.rows[n&1] = next
		out[top2+n-2] = signal.Share(g.top(p, n), chars)
		row, counts = next, p.counts
	}
	g.findAgain()
	for n := 5; n <= 10; n++ {
		out[dup5+n-5] = signal.Share(g.repeated(n), chars)
	}
}

// lay puts the words beside one another and numbers them.
func (g *grams) lay(text []byte, words []span, wordChars []int32) {
	g.joined, g.starts, g.chars, g.words = g.joined[:0], g.starts[:0], g.chars[:0], g.words[:0]
	g.texts.reset(len(words))
	chars := int32(0)
	for i, w := range words {
		word := text[w.start:w.end]
		g.starts = append(g.starts, int32(len(g.joined)))
		g.chars = append(g.chars, chars)
		g.joined = append(g.joined, word...)
		chars += wordChars[i]
		number, _ := g.texts.add(text, w)
		g.words = append(g.words, number)
	}
	g.starts = append(g.starts, int32(len(g.joined)))
	g.chars = append(g.chars, chars)
	g.joined = append(g.joined, make([]byte, fewBytes)...)
}

// row numbers n words in a row by those of n-1, of which two overlap. What is there once at n-1 is so at n, and is given no number.
func (g *grams) row(p *pairs, of, counts []int32, n int, dst []int32) []int32 {
	dst = dst[:0]
	p.reset(len(g.words))
	for i := 0; i+n <= len(g.words); i++ {
		number := int32(-1)
		if a, b := of[i], of[i+1]; a >= 0 && b >= 0 && counts[a] > 1 && counts[b] > 1 {
			number = p.add(a, g.words[i+n-1], int32(i))
		}
		dst = append(dst, number)
	}
	return dst
}

// top is the characters of the commonest n words in a row, with spaces between them, times how often they are there. Of several the first
// counts, so the very first if none is there twice.
func (g *grams) top(p *pairs, n int) int64 {
	if len(g.words) < n {
		return 0
	}
	at, most := int32(0), int32(1)
	for i, count := range p.counts {
		if count > most {
			at, most = p.first[i], count
		}
	}
	return int64(g.chars[int(at)+n]-g.chars[at]+int32(n-1)) * int64(most)
}

// fewBytes is what n words in a row must begin with as another word does to be there twice, if they are so long.
const fewBytes = 16

// starting finds those that begin alike.
type starting struct {
	slots
	keys []uint64
	at   []int32
}

// findAgain fills again. Bytes that only have the same hash cost time but say nothing wrong.
func (g *grams) findAgain() {
	s := &g.starting
	s.reset(len(g.words))
	s.keys, s.at = s.keys[:0], s.at[:0]
	g.again = append(g.again[:0], make([]bool, len(g.words))...)
	for i := range g.words {
		t := g.joined[g.starts[i]:]
		high, low := bits.Mul64(binary.LittleEndian.Uint64(t)^pairKey, binary.LittleEndian.Uint64(t[8:])+pairKey)
		key := high ^ low
		for j := key >> s.shift; ; j = (j + 1) & uint64(len(s.slots.slots)-1) {
			n := s.slots.slots[j]
			if n == 0 {
				s.keys = append(s.keys, key)
				s.at = append(s.at, int32(i))
				s.slots.slots[j] = uint32(len(s.keys))
				break
			}
			if s.keys[n-1] == key {
				g.again[i], g.again[s.at[n-1]] = true, true
				break
			}
		}
	}
}

// repeated is the characters of n words in a row that were there before, where behind such a row the next begins. Rows are the same if their
// words with nothing between them are.
func (g *grams) repeated(n int) int64 {
	chars := int64(0)
	g.texts.reset(len(g.words))
	for i := 0; i+n <= len(g.words); i++ {
		from, to := g.starts[i], g.starts[i+n]
		if to-from >= fewBytes && !g.again[i] {
			continue
		}
		if _, before := g.texts.add(g.joined, span{from, to}); before {
			chars += int64(g.chars[i+n] - g.chars[i])
			i += n - 1
		}
	}
	return chars
}

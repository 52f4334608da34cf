package repetition

import (
	"math/bits"

	"github.com/zeebo/xxh3"
)

// pieceChars is how many visible characters are measured at a time.
const pieceChars = 1 << 20

// ordinaryChars is for how many of them memory stays allocated after a longer text.
const ordinaryChars = 1 << 16

// grams counts n-grams. Its scratch memory is 74 bytes for each character, of which there is room for a power of two: 78 MB at most.
type grams struct {
	all     int64           // visible code points
	top     [topGrams]int64 // of them, those in the most frequent n-gram
	covered [dupGrams]int64 // those in n-grams that repeat an earlier one
	far     int64           // 13-grams that occur more than once
	farAll  int64           // all of them

	chars  []uint32 // the piece
	pairs  []uint8  // how often the 2-gram at each place occurs, or somewhat more; 255 for all from there on
	again  []uint8  // of each place, 1 if a later 13-gram is the same
	places []uint32 // at which a 5-gram may occur more than once, in the order of the text
	// Of each of these, the first place with its 5-gram, and that with its 13-gram.
	first, farFirst []uint32

	// The places of the most frequent 2-grams, in the order of the text, and the key and the number of the n-gram at each.
	at, number []uint32
	keys       []uint64

	// factor is odd, and depends on all of the text: no text can be made so that its n-grams meet in one place of a table.
	factor          uint64
	slots, branches []uint64
	counters        []uint8
}

// count measures the n-grams of a text of so many code points.
func (g *grams) count(t []byte, chars int) {
	g.all, g.top, g.covered, g.far, g.farAll = 0, [topGrams]int64{}, [dupGrams]int64{}, 0, 0
	g.factor = xxh3.Hash(t) | 1
	for len(t) > 0 {
		g.reserve(min(chars, pieceChars))
		n, read := visible(g.chars, t, min(pieceChars, len(g.chars)-1))
		t = t[read:]
		if n > 0 {
			g.piece(n)
		}
	}
}

// reserve makes room for so many characters, and lets go what a long text needed before a short one.
func (g *grams) reserve(chars int) {
	if chars < len(g.at) && (len(g.at) <= ordinaryChars+1 || chars > ordinaryChars) {
		return
	}
	room := max(1<<bits.Len(uint(chars)), 1<<12) + 1
	*g = grams{
		all: g.all, top: g.top, covered: g.covered, far: g.far, farAll: g.farAll, factor: g.factor,
		chars: make([]uint32, room), pairs: make([]uint8, room),
		at: make([]uint32, room), number: make([]uint32, room), again: make([]uint8, room), places: make([]uint32, room), first: make([]uint32, room), farFirst: make([]uint32, room), keys: make([]uint64, room),
		slots: make([]uint64, 2*(room-1)), branches: make([]uint64, 2*(room-1)), counters: make([]uint8, 8*(room-1)),
	}
}

// piece measures the n-grams of so many characters.
func (g *grams) piece(n int) {
	g.all += int64(n)
	g.farAll += int64(max(n-farLength+1, 0))
	most, places := g.countPairs(n)
	for i, top := range g.tops(n, most) {
		if top > 1 {
			g.top[i] += min(int64(top)*int64(topFirst+i), int64(n))
		}
	}
	g.repeats(n, g.places[:places])
}

// countPairs says of each place how often its 2-gram occurs, and returns the greatest of these; 255 stands for all from there on. As 2-grams are
// told apart by a hash alone, it may be more than that; it is never less. It lists the places at which a 5-gram may occur more than once: all its
// four 2-grams do.
func (g *grams) countPairs(n int) (top uint8, places int) {
	if n < topFirst {
		return 0, 0
	}
	width := bits.Len(uint(4 * n))
	counters, shift, factor := g.counters[:1<<width], uint8(64-width)&63, g.factor
	clear(counters)
	chars := g.chars[:n]
	left := uint64(chars[0])
	for _, c := range chars[1:] {
		right := uint64(c)
		p := &counters[(left<<numberBits|right)*factor>>shift]
		more := uint(*p) + 1
		*p = uint8(more - more>>8)
		top = max(top, *p)
		left = right
	}
	left = uint64(chars[0])
	pairs, list := g.pairs[:len(chars)-1], g.places[:len(chars)-1]
	run := 0 // of 2-grams that occur more than once
	for i, c := range chars[1:] {
		right := uint64(c)
		count := counters[(left<<numberBits|right)*factor>>shift]
		left = right
		pairs[i] = count
		run = (run + 1) & int((1-int64(count))>>63)
		list[places] = uint32(i - (dupFirst - 2))
		places += int(uint64(dupFirst-2-run) >> 63)
	}
	return top, places
}

package repetition

import (
	"math/bits"

	"github.com/zeebo/xxh3"
)

// pieceChars is how many visible characters are measured at a time.
const pieceChars = 1 << 20

// ordinaryChars is for how many of them memory stays allocated after a longer text.
const ordinaryChars = 1 << 17

// grams counts n-grams. The scratch memory is 16 bytes and a table of 12 to 24 for each visible character of a piece.
type grams struct {
	all     int64           // visible code points
	top     [topGrams]int64 // of them, those in the most frequent n-gram
	covered [dupGrams]int64 // those in n-grams that repeat an earlier one
	far     int64           // 13-grams that occur more than once
	farAll  int64           // all of them

	// The places that are looked at, in the order of the text: where each is, and what number its n-gram has.
	at, number []uint32
	again      []uint8 // 1 where an n-gram occurs more than once
	keys       []uint64
	table      table
}

// count measures the n-grams of a text of so many code points.
func (g *grams) count(t []byte, chars int) {
	g.all, g.top, g.covered, g.far, g.farAll = 0, [topGrams]int64{}, [dupGrams]int64{}, 0, 0
	g.table.factor = xxh3.Hash(t) | 1
	for len(t) > 0 {
		g.reserve(min(chars, pieceChars))
		n, read := visible(g.number, t, min(pieceChars, len(g.number)-1))
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
	g.at, g.number, g.again, g.keys = make([]uint32, room), make([]uint32, room), make([]uint8, room), make([]uint64, room)
	g.table.slots = nil
}

// piece measures the n-grams of so many characters, whose code points are their numbers.
func (g *grams) piece(chars int) {
	g.all += int64(chars)
	g.farAll += int64(max(chars-farLength+1, 0))
	n := g.pairs(chars)
	for length := topFirst; ; length++ {
		top := int64(0)
		if length < dupFirst {
			top = int64(g.table.count(g.number[:n], g.keys))
		} else {
			g.covered[length-dupFirst] += g.table.cover(g.number[:n], g.keys, g.at, length)
		}
		if top > 1 {
			g.top[length-topFirst] += min(top*int64(length), int64(chars))
		}
		if length == dupLast {
			break
		}
		n = g.extend(n, 1)
	}
	n = g.extend(n, farLength-dupLast)
	g.table.count(g.number[:n], g.keys)
	for _, number := range g.number[:n] {
		g.far += int64(more(g.table.slots[number]))
	}
}

// pairs makes the keys of all 2-grams, and returns how many there are.
func (g *grams) pairs(chars int) int {
	n := chars - 1
	number, keys, at := g.number[:chars], g.keys[:n], g.at[:n]
	left := number[0]
	for i, right := range number[1:] {
		keys[i] = key(left, right)
		at[i] = uint32(i)
		left = right
	}
	return n
}

// extend makes the keys of n-grams that are longer by step from those that were counted last: where both the n-gram of a place and the one
// that begins step behind it occur more than once. It returns how many these are.
func (g *grams) extend(n, step int) int {
	if n <= step {
		return 0
	}
	slots, number := g.table.slots, g.number[:n]
	again := g.again[:n]
	for i, p := range number {
		again[i] = uint8(more(slots[p]))
	}
	kept := 0
	ahead, aheadAt, aheadAgain := number[step:], g.at[step:n], again[step:]
	number, again = number[:len(ahead)], again[:len(ahead)]
	at, keys := g.at[:len(ahead)], g.keys[:len(ahead)]
	for i, last := range ahead {
		place := at[i]
		keys[kept] = key(number[i], last)
		at[kept] = place
		kept += int(again[i]&aheadAgain[i]) & int((uint64(aheadAt[i]-place-uint32(step))-1)>>63)
	}
	return kept
}

package repetition

import "math/bits"

// table counts n-grams, exactly: an open hash table that is made empty for each n. An n-gram is told by the numbers of its beginning and its end;
// the place that it has is its own number. All these are below 1<<numberBits: code points, and places for as many n-grams as a piece has.
type table struct {
	// factor is odd, and depends on all of the text: no text can be made so that its n-grams meet in one place.
	factor uint64
	slots  []uint64 // beginning, end and count of each, in so many bits
	shift  uint8
}

const (
	numberBits = 21
	countBits  = 64 - 2*numberBits
	countMask  = 1<<countBits - 1
)

// key is what an n-gram is told by, where the slots have it.
func key(beginning, end uint32) uint64 {
	return uint64(beginning)<<(numberBits+countBits) | uint64(end)<<countBits
}

// reset makes the table empty, and returns slots with room for so many n-grams: two places in three at most are taken.
func (t *table) reset(n int) []uint64 {
	width := bits.Len(uint(max(n+n/2, 16)))
	if 1<<width > len(t.slots) {
		t.slots = make([]uint64, 1<<width)
	}
	slots := t.slots[:1<<width]
	clear(slots)
	t.shift = uint8(64 - width)
	return slots
}

// slot is where an n-gram is or may be put: whether it is there is told by no branch, as that is as hard to foresee as the text.
func slot(slots []uint64, key, factor uint64, shift uint8) uint64 {
	i := key * factor >> (shift & 63)
	for {
		if s := slots[i]; (s^key)>>countBits&-min(s, 1) == 0 {
			return i
		}
		if i++; i == uint64(len(slots)) {
			i = 0
		}
	}
}

// more is 1 for slots of n-grams that occur more than once, and 0 for others.
func more(slot uint64) uint64 { return (1 - slot&countMask) >> 63 }

// count counts n-grams by their keys, gives each its number, and returns the greatest count.
func (t *table) count(numbers []uint32, keys []uint64) (top uint64) {
	slots, factor, shift := t.reset(len(numbers)), t.factor, t.shift
	keys = keys[:len(numbers)]
	for i, key := range keys {
		at := slot(slots, key, factor, shift)
		s := key | slots[at]&countMask + 1
		slots[at] = s
		numbers[i] = uint32(at)
		top = max(top, s&countMask)
	}
	return top
}

// cover counts n-grams by their keys, gives each its number, and returns how many characters are in those that were there before. at is where
// in the text they are.
func (t *table) cover(numbers []uint32, keys []uint64, at []uint32, length int) (covered int64) {
	slots, factor, shift := t.reset(len(numbers)), t.factor, t.shift
	keys, at = keys[:len(numbers)], at[:len(numbers)]
	end := uint32(0) // of what is covered
	for i, key := range keys {
		place := slot(slots, key, factor, shift)
		s := key | slots[place]&countMask + 1
		slots[place] = s
		numbers[i] = uint32(place)
		from, to, again := max(at[i], end), at[i]+uint32(length), -uint32(more(s))
		covered += int64((to - from) & again)
		end ^= (end ^ to) & again
	}
	return covered
}

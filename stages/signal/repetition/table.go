package repetition

import "math/bits"

// An n-gram is told by the numbers of its beginning and its end, runs that are shorter by one or more: so no two are taken for the same. Numbers, and
// code points, are below 1<<numberBits. A slot of a table has both, and a count or a place in its low bits; it is empty where these are 0.
const (
	numberBits = 21
	lowBits    = 64 - 2*numberBits
	lowMask    = 1<<lowBits - 1
)

// key is what an n-gram is told by, where a slot has it.
func key(beginning, end uint32) uint64 {
	return uint64(beginning)<<(numberBits+lowBits) | uint64(end)<<lowBits
}

// table makes a table empty, with room for so many n-grams: two places in three at most are taken. It returns it, and by how much a hash is
// shifted to be a place in it.
func (g *grams) table(n int) (slots []uint64, shift uint8) {
	width := bits.Len(uint(max(n+n/2, 16)))
	slots = g.slots[:1<<width]
	clear(slots)
	return slots, uint8(64 - width)
}

// find is where a key is or may be put, at i or behind it. Whether it is there is told by no branch, as that is as hard to foresee as the text.
func find(slots []uint64, key, i uint64) uint64 {
	for {
		if s := slots[i]; (s^key)>>lowBits&-min(s, 1) == 0 {
			return i
		}
		if i++; i == uint64(len(slots)) {
			i = 0
		}
	}
}

// add gives each n-gram of the first keys as its number the place where it occurs first, says of places whether their n-gram occurs more than
// once, and returns how many characters are in n-grams that were there before.
func (g *grams) add(n, length int) (covered int64) {
	slots, shift := g.table(n)
	keys, numbers, at, again, factor := g.keys[:n], g.number[:n], g.at[:n], g.again, g.factor
	end := uint32(0) // of what is covered
	for i, key := range keys {
		here := at[i]
		slot := &slots[find(slots, key, key*factor>>(shift&63))]
		before, first := occurrence(*slot, here)
		*slot = key | uint64(first+1)
		numbers[i] = first
		again[here] = uint8(before)
		again[first] = uint8(before)
		from, to := max(here, end), here+uint32(length)
		covered += int64((to - from) & -before)
		end ^= (end ^ to) & -before
	}
	return covered
}

// addText is add for 5-grams, which have no keys: they are found by a hash, and compared.
func (g *grams) addText(n int) (covered int64) {
	slots, shift := g.table(n)
	chars, numbers, at, again, factor := g.chars, g.number[:n], g.at[:n], g.again, g.factor
	end := uint32(0) // of what is covered
	for i, here := range at {
		run := (*[dupFirst]uint32)(chars[here:])
		hash := mix(run, factor)
		key := hash &^ lowMask
		place := find(slots, key, hash>>(shift&63))
		before, first := occurrence(slots[place], here)
		for !same(run, (*[dupFirst]uint32)(chars[first:])) {
			place = find(slots, key, (place+1)%uint64(len(slots)))
			before, first = occurrence(slots[place], here)
		}
		slots[place] = key | uint64(first+1)
		numbers[i] = first
		again[here] = uint8(before)
		again[first] = uint8(before)
		from, to := max(here, end), here+dupFirst
		covered += int64((to - from) & -before)
		end ^= (end ^ to) & -before
	}
	return covered
}

// occurrence is 1 and the place where the n-gram of a slot occurs first, or 0 and here if the slot is empty.
func occurrence(slot uint64, here uint32) (before, first uint32) {
	before = uint32(min(slot, 1))
	return before, here ^ (here^uint32(slot&lowMask-1))&-before
}

// mix hashes a 5-gram.
func mix(run *[dupFirst]uint32, factor uint64) uint64 {
	a := (uint64(run[0])<<numberBits|uint64(run[1]))<<numberBits | uint64(run[2])
	b := uint64(run[3])<<numberBits | uint64(run[4])
	return a*factor + b*(bits.RotateLeft64(factor, 32)|1)
}

func same(a, b *[dupFirst]uint32) bool {
	return a[0]^b[0]|a[1]^b[1]|a[2]^b[2]|a[3]^b[3]|a[4]^b[4] == 0
}

package repetition

import "math/bits"

// repeats measures the n-grams that repeat an earlier one. Of each of the places where that may be it finds how many characters, 13 at most,
// are as they are at some earlier place. The earlier ones are a tree: of the places with the same 5-gram the first is the trunk, and
// each other one that ends to be like it is a branch, of which others branch off in turn. So a place is compared with one of each branch only.
func (g *grams) repeats(n int, places []uint32) {
	slots, shift := table(g.slots, len(places))
	branches, branchShift := table(g.branches, len(places))
	again := g.again[:n]
	clear(again)
	chars, first, factor := g.chars[:n], g.first[:n], g.factor
	var ends [dupGrams]int // of what is covered so far, for each n
	next, before := -1, 0  // the 5-gram at the place next is that at the place before
	for _, place := range places {
		here := int(place)
		like := before
		if here == next {
			like = int(first[before])
		} else {
			like = trunk(slots, shift, chars, here, factor)
		}
		first[here] = uint32(like)
		if like == here {
			continue
		}
		most := min(farLength, n-here)
		length := dupFirst
		for {
			for length < most && chars[here+length] == chars[like+length] {
				length++
			}
			if length == most {
				break
			}
			key := uint64(like)<<(numberBits+3+lowBits) | uint64(length-dupFirst)<<(numberBits+lowBits) | uint64(chars[here+length])<<lowBits
			branch := &branches[find(branches, key, key*factor>>(branchShift&63))]
			if *branch == 0 {
				*branch = key | uint64(here+1)
				break
			}
			like = int(*branch&lowMask) - 1
			length++
		}
		if length > dupFirst {
			next, before = here+1, like+1
		}
		if length == farLength {
			g.far += 2 - int64(again[like])
			again[like] = 1
		}
		for i := range min(length, dupLast) - dupFirst + 1 {
			end := here + dupFirst + i
			g.covered[i] += int64(end - max(here, ends[i]))
			ends[i] = end
		}
	}
}

// trunk is the first place with the 5-gram that is here.
func trunk(slots []uint64, shift uint8, chars []uint32, here int, factor uint64) int {
	run := (*[dupFirst]uint32)(chars[here:])
	hash := mix(run, factor)
	key := hash &^ lowMask
	place := find(slots, key, hash>>(shift&63))
	for {
		s := slots[place]
		if s == 0 {
			slots[place] = key | uint64(here+1)
			return here
		}
		first := int(s&lowMask) - 1
		if same(run, (*[dupFirst]uint32)(chars[first:])) {
			return first
		}
		place = find(slots, key, (place+1)%uint64(len(slots)))
	}
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

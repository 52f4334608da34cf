package repetition

import "math/bits"

// repeats measures the n-grams that repeat an earlier one. Of each of the places where that may be it finds how many characters, 13 at most,
// are as they are at some earlier place. The earlier ones are a tree: of the places with the same 5-gram the first is the trunk, and
// each other one that ends to be like it is a branch, of which others branch off in turn. So a place is compared with one of each branch only;
// and behind a place that is like an earlier one with the place behind that, which is all where many characters repeat.
func (g *grams) repeats(n int, places []uint32) {
	slots, shift := table(g.slots, len(places))
	branches, branchShift := table(g.branches, len(places))
	clear(g.again[:n])
	chars, first, far, factor := g.chars[:n], g.first[:n], g.farFirst[:n], g.factor
	covered := cover{lastLength: dupFirst - 1}
	next, behind, length := -1, 0, 0 // the characters at the place next are those at the place behind: one less than length of them
	for _, place := range places {
		here := int(place)
		most := min(farLength, n-here)
		far[here] = place
		var like int
		if here == next {
			if most == farLength && length == farLength && chars[here+farLength-1] == chars[behind+farLength-1] {
				first[here], far[here] = first[behind], far[behind]
				g.farAgain(far[here])
				covered.add(here, farLength)
				next, behind = here+1, behind+1
				continue
			}
			like = int(first[behind])
		} else {
			like = trunk(slots, shift, chars, here, factor)
		}
		first[here] = uint32(like)
		if like == here {
			continue
		}
		length = dupFirst
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
			next, behind = here+1, like+1
		}
		if length == farLength {
			far[here] = far[like]
			g.farAgain(far[here])
		}
		covered.add(here, length)
	}
	covered.sum(&g.covered)
}

// farAgain counts a 13-gram that is the same as the one at an earlier place, the first with it.
func (g *grams) farAgain(first uint32) {
	g.far += 2 - int64(g.again[first])
	g.again[first] = 1
}

// cover adds up the characters that are in n-grams which repeat an earlier one, for each n.
type cover struct {
	characters       [dupLast + 1]int64 // of each n
	end              [dupLast + 1]int   // behind the last n-gram, of the n above lastLength
	follows          [dupLast + 1]int64 // how often n-grams of all lengths up to n followed one of the place before: a character more
	last, lastLength int                // the place that was added last
}

// add is called with each place, ascending, at which so many characters are as they are at an earlier one: dupFirst at least.
func (c *cover) add(place, length int) {
	length = min(length, dupLast)
	from := dupFirst
	if place == c.last+1 {
		shorter := min(length, c.lastLength)
		c.follows[shorter]++
		from = shorter + 1
	}
	for n := from; n <= c.lastLength; n++ {
		c.end[n] = c.last + n
	}
	for n := from; n <= length; n++ {
		c.characters[n] += int64(place + n - max(place, c.end[n]))
	}
	c.last, c.lastLength = place, length
}

// sum adds what is covered to the numbers of each n, from dupFirst on.
func (c *cover) sum(to *[dupGrams]int64) {
	follows := int64(0)
	for n := dupLast; n >= dupFirst; n-- {
		follows += c.follows[n]
		to[n-dupFirst] += c.characters[n] + follows
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

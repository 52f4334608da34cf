package repetition

// tops returns how often the most frequent 2-gram, 3-gram and 4-gram occur. An n-gram occurs no more often than any of its 2-grams. So only the
// places with the most frequent 2-grams are looked at: at first those that are a third as frequent as the first, and if an n-gram is not as
// frequent as that, those that may be part of a more frequent one.
func (g *grams) tops(n int, top uint8) (most [topGrams]uint32) {
	for least := max(uint32(top)/3, 2); ; {
		kept := g.frequent(n, uint8(min(least, 255)))
		lowest := uint32(top)
		for i := range most {
			if i > 0 {
				kept = g.join(kept)
			}
			most[i] = g.countKeys(kept)
			lowest = min(lowest, most[i])
		}
		if least <= max(lowest+1, 2) {
			return most
		}
		least = max(lowest+1, 2)
	}
}

// frequent lists the places whose 2-gram occurs so often, and makes their keys.
func (g *grams) frequent(n int, least uint8) (kept int) {
	if n < topFirst {
		return 0
	}
	chars, pairs, at, keys := g.chars[1:n], g.pairs[:n-1], g.at[:n-1], g.keys[:n-1]
	left := g.chars[0]
	for i, right := range chars {
		if pairs[i] >= least {
			keys[kept], at[kept] = key(left, right), uint32(i)
			kept++
		}
		left = right
	}
	return kept
}

// join makes the keys of n-grams that are longer by one from those that were counted last.
func (g *grams) join(n int) (kept int) {
	for i := 1; i < n; i++ {
		place := g.at[i-1]
		g.keys[kept] = key(g.number[i-1], g.number[i])
		if g.at[kept] = place; g.at[i] == place+1 {
			kept++
		}
	}
	return kept
}

// countKeys counts the n-grams of the first keys, gives them numbers, and returns the greatest count.
func (g *grams) countKeys(n int) (top uint32) {
	slots, shift := table(g.slots, n)
	keys, numbers, factor := g.keys[:n], g.number[:n], g.factor
	for i, key := range keys {
		place := find(slots, key, key*factor>>(shift&63))
		s := key | slots[place]&lowMask + 1
		slots[place] = s
		numbers[i] = uint32(place)
		top = max(top, uint32(s&lowMask))
	}
	return top
}

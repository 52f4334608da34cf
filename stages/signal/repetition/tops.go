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
		keys[kept], at[kept] = key(left, right), uint32(i) // is overwritten unless it counts: a branch would be guessed wrongly too often
		kept += int(1 - uint64(int64(pairs[i])-int64(least))>>63)
		left = right
	}
	return kept
}

// join makes the keys of n-grams that are longer by one from those that were counted last.
func (g *grams) join(n int) (kept int) {
	if n == 0 {
		return 0
	}
	at, numbers, keys := g.at[:n], g.number[:n], g.keys[:n]
	place, left := at[0], numbers[0]
	for i := 1; i < len(at) && i < len(numbers); i++ {
		next, right := at[i], numbers[i]
		keys[kept], at[kept] = key(left, right), place
		kept += int((uint64(next-place-1) - 1) >> 63) // 1 if next follows
		place, left = next, right
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

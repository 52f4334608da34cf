package shingle

// LongBytes is the length in bytes beyond which a text's set of shingles is not to be held: see LongText.
const LongBytes = 4 << 20

// partShingles is how many different shingles of a text are in one part, at most.
const partShingles = 2 << 20

// LongText is a text whose set of shingles is not held: two of them are compared part by part of the space of hashes, and for
// every part the shingles are made anew. They take 4 bytes a character, and 64 MiB.
type LongText struct {
	key   []uint32
	grams grams
	chunk []uint64
}

// NewLongText returns a text for comparisons, which does not refer to t.
func NewLongText(t []byte) *LongText {
	k := &LongText{key: keyOf(nil, t)}
	k.grams.look(k.key)
	return k
}

// add adds the shingles of one of so many parts to a table, and says how many different ones there are and how many of these
// another table has, which may be nil; and whether they are few enough.
func (k *LongText) add(table, other *hashTable, part, parts uint64) (n, shared int, few bool) {
	for from, all := 0, shingleCount(k.key); from < all; from += chunkShingles {
		k.chunk = k.grams.append(k.chunk[:0], k.key, from, min(from+chunkShingles, all))
		for _, x := range k.chunk {
			h := spreadShingle(x)
			if h>>40%parts != part || !table.add(h) {
				continue
			}
			if n++; n > partShingles {
				return n, shared, false
			}
			if other != nil && other.has(h) {
				shared++
			}
		}
	}
	return n, shared, true
}

// Compare compares the text with another one.
func (k *LongText) Compare(other *LongText) Overlap {
	for parts := uint64(max(len(k.key), len(other.key))/partShingles + 1); ; parts *= 2 {
		if o, ok := compareParts(k, other, parts); ok {
			return o
		}
	}
}

func compareParts(a, b *LongText, parts uint64) (o Overlap, ok bool) {
	var tableA, tableB hashTable
	for part := range parts {
		tableA.reset(partShingles + 1)
		tableB.reset(partShingles + 1)
		nA, _, few := a.add(&tableA, nil, part, parts)
		if !few {
			return o, false
		}
		nB, shared, few := b.add(&tableB, &tableA, part, parts)
		if !few {
			return o, false
		}
		o.Shared += uint32(shared)
		o.Union += uint32(nA + nB - shared)
	}
	return o, true
}

package shingle

// Shingler makes the sets of shingles of texts. Its zero value is ready.
type Shingler struct {
	key   []uint32
	grams grams
	all   []uint64
	table hashTable
	count int
}

// Set returns the distinct shingles of a text, by 64-bit hashes, none of which is 0. They are valid until the next call.
func (s *Shingler) Set(t []byte) []uint64 {
	s.key = keyOf(s.key, t)
	s.all = s.grams.shingles(s.all[:0], s.key)
	s.table.reset(len(s.all))
	set := s.all[:0]
	for _, x := range s.all {
		if h := spreadShingle(x); s.table.add(h) {
			set = append(set, h)
		}
	}
	s.count = shingleCount(s.key)
	if cap(s.key) > ordinaryKey {
		*s = Shingler{count: s.count}
	}
	return set
}

// Count is how many shingles the text has that Set was called with last, repeats counted.
func (s *Shingler) Count() int { return s.count }

// spreadShingle spreads a shingle over all bits, for tables. It is never 0.
func spreadShingle(x uint64) uint64 { return max((x^x>>32)*finish, 1) }

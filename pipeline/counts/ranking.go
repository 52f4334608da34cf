package counts

// smallCounts is where counts begin of which there are few: those below are put in order by how many there are of each.
const smallCounts = 1 << 12

// rankKey is a row with what most of its order in tables is told by.
type rankKey struct {
	prefix uint64 // the first bytes of the token, big-endian
	count  uint32 // smallCounts if it is that or more
	row    uint32
}

// ranking puts rows in order. It keeps its memory from one to the next.
type ranking struct{ keys, other []rankKey }

// sort puts the keys in the order of counts, the highest first, and then of prefixes. It needs as much memory as they take once more, and they may lie in it
// afterwards.
func (r *ranking) sort() {
	if cap(r.other) < len(r.keys) {
		r.other = make([]rankKey, cap(r.keys))
	}
	from, to := r.keys, r.other[:len(r.keys)]
	var digits [8][256]int
	for i := range from {
		for d, p := 0, from[i].prefix; d < 8; d, p = d+1, p>>8 {
			digits[d][uint8(p)]++
		}
	}
	for d := range digits {
		ends := &digits[d]
		if len(from) == 0 || ends[uint8(from[0].prefix>>(8*d))] == len(from) {
			continue // all have the same byte
		}
		sum := 0
		for i, n := range ends {
			ends[i], sum = sum, sum+n
		}
		for i := range from {
			at := &ends[uint8(from[i].prefix>>(8*d))]
			to[*at] = from[i]
			*at++
		}
		from, to = to, from
	}
	var ends [smallCounts + 1]int
	for i := range from {
		ends[from[i].count]++
	}
	sum := 0
	for count := smallCounts; count >= 0; count-- {
		ends[count], sum = sum, sum+ends[count]
	}
	for i := range from {
		at := &ends[from[i].count]
		to[*at] = from[i]
		*at++
	}
	r.keys, r.other = to, from
}

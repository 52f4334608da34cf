package shingle

// shingleIndex says of a shingle which members have it: linear probing, at most three quarters full.
type shingleIndex struct {
	hashes []uint64 // 0 is free
	values []uint32
	used   int
}

// Kinds of value, in the lowest bits.
const (
	shingleNew    = 0
	shingleOne    = 1 // one member has it: its place
	shingleRare   = 2 // a few: their number in family.rare
	shingleBit    = 3 // many: the number of their bit
	kindOfShingle = 3
)

// get returns the value of a shingle, shingleNew if there is none.
func (x *shingleIndex) get(h uint64) uint32 {
	if len(x.hashes) == 0 {
		return shingleNew
	}
	return x.values[x.slot(h)]
}

// put returns where the value of a shingle lies, shingleNew if it is new. It is valid until the next put.
func (x *shingleIndex) put(h uint64) *uint32 {
	if 4*x.used >= 3*len(x.hashes) {
		x.grow()
	}
	i := x.slot(h)
	if x.hashes[i] == 0 {
		x.hashes[i] = h
		x.used++
	}
	return &x.values[i]
}

// slot is where a shingle is, or would be.
func (x *shingleIndex) slot(h uint64) uint64 {
	mask := uint64(len(x.hashes) - 1)
	i := h >> 24 & mask
	for x.hashes[i] != h && x.hashes[i] != 0 {
		i = (i + 1) & mask
	}
	return i
}

func (x *shingleIndex) grow() {
	old := *x
	size := max(1024, 2*len(old.hashes))
	x.hashes, x.values = make([]uint64, size), make([]uint32, size)
	for i, h := range old.hashes {
		if h != 0 {
			at := x.slot(h)
			x.hashes[at], x.values[at] = h, old.values[i]
		}
	}
}

package fasttext

import (
	"math/bits"
)

// gramRows says which row of the input matrix an n-gram has: by its hash in one of the buckets, or where the dictionary was pruned the one
// that the index gives the bucket, if any.
type gramRows struct {
	bucket  uint32
	inverse uint64 // of bucket, for the rest of a division
	first   int32  // the row of the first bucket
	rows    int64  // how many rows of the matrix n-grams can have
	whole   bool   // each bucket has its row
	// The index: an open hash table of bucket and row, and in front of it one bit for each of its hashes, as most n-grams are not in it.
	bits  []uint64
	table []indexed
}

type indexed struct{ bucket, row int32 } // row is one more than it is, 0 for none

// read reads the index, which follows the dictionary.
func (g *gramRows) read(r *reader, d *dictionary, a *args) {
	if r.err != nil {
		return
	}
	g.first = int32(d.count)
	if a.grams() {
		g.bucket = uint32(a.bucket)
		g.inverse = ^uint64(0)/uint64(g.bucket) + 1
	}
	if d.prunedSize < 0 {
		g.whole = a.grams()
		if g.whole {
			g.rows = int64(a.bucket)
		}
		return
	}
	if !r.has(d.prunedSize, 8, "entries of the pruned index") {
		return
	}
	size := 64
	for int64(size) < 2*d.prunedSize {
		size *= 2
	}
	g.bits, g.table = make([]uint64, size*bitsPerSlot/64), make([]indexed, size)
	for range d.prunedSize {
		bucket, row := r.int32("the pruned index"), r.int32("the pruned index")
		if r.err == nil && (row < 0 || int64(row)+int64(g.first) >= 1<<31-1) {
			r.fail("row %d in the pruned index", row)
		}
		if r.err != nil {
			return
		}
		if bucket < 0 { // which no hash gives
			continue
		}
		g.rows = max(g.rows, int64(row)+1)
		at := g.slot(bucket)
		g.table[at] = indexed{bucket, g.first + row + 1}
		bit := uint32(bucket) & uint32(len(g.bits)*64-1)
		g.bits[bit/64] |= 1 << (bit % 64)
	}
}

// bitsPerSlot bits for each slot, of which at most half are taken: at most one of sixteen other buckets passes.
const bitsPerSlot = 8

func (g *gramRows) pruned() bool { return g.table != nil }

func (g *gramRows) slot(bucket int32) int {
	mask := len(g.table) - 1
	at := int(uint32(bucket)*0x9E3779B1>>8) & mask
	for g.table[at].row != 0 && g.table[at].bucket != bucket {
		at = (at + 1) & mask
	}
	return at
}

// row is the row of the n-gram with a hash, -1 for none.
func (g *gramRows) row(h uint32) int {
	// The rest of h divided by bucket, by two multiplications (Lemire et al., "Faster remainder by direct computation", 2019).
	high, _ := bits.Mul64(g.inverse*uint64(h), uint64(g.bucket))
	return g.ofBucket(uint32(high))
}

// ofBucket is the row of a bucket, -1 for none.
func (g *gramRows) ofBucket(bucket uint32) int {
	if g.whole {
		return int(g.first) + int(bucket)
	}
	if bit := bucket & uint32(len(g.bits)*64-1); g.bits[bit/64]>>(bit%64)&1 == 0 {
		return -1
	}
	return int(g.table[g.slot(int32(bucket))].row) - 1
}

// any says whether any n-gram has a row.
func (g *gramRows) any() bool { return g.rows > 0 }

package dedupe

import (
	"math/bits"
	"slices"
)

// family is kept documents that share keys with many others: pages of one template. A document is compared with
// all that share a key with it, so a comparison must cost next to nothing: the shingles that several members have are bits,
// and what two documents have in common is the bits that both have, and for each of the rarer shingles one look. No two
// documents are compared by more than their sets: a family decides nothing.
type family struct {
	members []ref         // by place
	places  map[ref]int32 // of members
	sizes   []uint32      // of the members' sets
	words   int           // of a member in bits
	bits    []uint64
	common  int // bits in use
	index   shingleIndex
	rare    [][]int32 // places of the members that have a shingle of the index, which are few
	used    uint64    // when a document was last compared
	groups  int       // bytes of its groups

	mask   []uint64 // of the document that is being compared: its bits,
	counts []uint32 // how many rare shingles it has in common with each member,
	some   []int32  // and which ones these are
	with   []uint64 // places of those it is to be compared with, as bits
}

// fewMembers is how many members a shingle has at most before it becomes a bit.
const fewMembers = 32

func newFamily() *family { return &family{places: map[ref]int32{}, words: 1} }

// bytes is about how much memory the family takes.
func (f *family) bytes() int {
	return 8*len(f.bits) + 12*len(f.index.hashes) + 64*len(f.members) + (24+2*fewMembers)*len(f.rare) + f.groups
}

// look prepares the comparisons of a document.
func (f *family) look(set []uint64) {
	f.mask = append(f.mask[:0], make([]uint64, f.words)...)
	for _, place := range f.some {
		f.counts[place] = 0
	}
	f.some = f.some[:0]
	one := [1]int32{}
	for _, h := range set {
		v := f.index.get(h)
		var places []int32
		switch v & kindOfShingle {
		case shingleBit:
			f.mask[v>>2/64] |= 1 << (v >> 2 % 64)
		case shingleRare:
			places = f.rare[v>>2]
		case shingleOne:
			one[0] = int32(v >> 2)
			places = one[:]
		}
		for _, place := range places {
			if f.counts[place] == 0 {
				f.some = append(f.some, place)
			}
			f.counts[place]++
		}
	}
}

// find compares a document, which look was called with, with the members whose bits are in with, and returns the place of
// the first one that it resembles, -1 if there is none, and how many comparisons that took.
func (f *family) find(size int, threshold float64, most int) (place int, o overlap, compared int) {
	// Without a division: a little less than the threshold, so that no pair that reaches it is passed over.
	least := threshold - 1e-9
	for w, word := range f.with {
		for ; word != 0; word &= word - 1 {
			place := 64*w + bits.TrailingZeros64(word)
			if compared == most {
				return -1, o, compared + 1
			}
			compared++
			row := f.bits[place*f.words:][:f.words]
			shared := int(f.counts[place])
			mask := f.mask[:len(row)]
			for i, b := range row {
				shared += bits.OnesCount64(b & mask[i])
			}
			union := size + int(f.sizes[place]) - shared
			if float64(shared) < least*float64(union) {
				continue
			}
			if o := (overlap{uint32(shared), uint32(union)}); o.reaches(threshold) {
				return place, o, compared
			}
		}
	}
	return -1, o, compared
}

// add makes a document a member and returns its place.
func (f *family) add(document ref, set []uint64) int32 {
	place := int32(len(f.members))
	f.members = append(f.members, document)
	f.places[document] = place
	f.sizes = append(f.sizes, uint32(len(set)))
	f.counts = append(f.counts, 0)
	f.bits = append(f.bits, make([]uint64, f.words)...)
	for _, h := range set {
		v := f.index.put(h)
		switch *v & kindOfShingle {
		case shingleNew:
			*v = uint32(place)<<2 | shingleOne
		case shingleOne:
			f.rare = append(f.rare, []int32{int32(*v >> 2), place})
			*v = uint32(len(f.rare)-1)<<2 | shingleRare
		case shingleRare:
			places := &f.rare[*v>>2]
			if *places = append(*places, place); len(*places) > fewMembers {
				bit := f.common
				f.common++
				f.widen()
				for _, p := range *places {
					f.set(p, bit)
				}
				*places = nil
				*v = uint32(bit)<<2 | shingleBit
			}
		case shingleBit:
			f.set(place, int(*v>>2))
		}
	}
	return place
}

func (f *family) set(place int32, bit int) { f.bits[int(place)*f.words+bit/64] |= 1 << (bit % 64) }

// widen makes room for the bits in use.
func (f *family) widen() {
	if f.common <= 64*f.words {
		return
	}
	words := f.words + f.words/2 + 1
	wide := make([]uint64, words*len(f.members))
	for m := range f.members {
		copy(wide[m*words:], f.bits[m*f.words:(m+1)*f.words])
	}
	f.words, f.bits = words, wide
}

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

// orInto adds the bits of a set to another one.
func orInto(dst, src []uint64) []uint64 {
	if len(dst) < len(src) {
		dst = append(dst, make([]uint64, len(src)-len(dst))...)
	}
	for i, w := range src {
		dst[i] |= w
	}
	return dst
}

// setBit sets a bit of a set.
func setBit(set []uint64, bit int32) []uint64 {
	if n := int(bit)/64 + 1; n > len(set) {
		set = append(slices.Grow(set, n-len(set)), make([]uint64, n-len(set))...)
	}
	set[bit/64] |= 1 << (bit % 64)
	return set
}

package shingle

import "math/bits"

// Family is sets that have much in common with each other, such as those of pages of one template. A set is compared with
// thousands of them at once, so a comparison must cost next to nothing: the shingles that several members have are bits, and
// what two sets have in common is the bits that both have, and for each of the rarer shingles one look. A Family decides
// nothing: its comparisons are exact.
type Family struct {
	sizes  []uint32 // of the members, by place
	words  int      // of a member in bits
	bits   []uint64
	common int // bits in use
	index  shingleIndex
	rare   [][]int32 // places of the members that have a shingle of the index, which are few

	size   int      // of the set that is being compared,
	mask   []uint64 // its bits,
	counts []uint32 // how many rare shingles it has in common with each member,
	some   []int32  // and which ones these are
}

// fewMembers is how many members a shingle has at most before it becomes a bit.
const fewMembers = 32

// NewFamily returns a family without members.
func NewFamily() *Family { return &Family{words: 1} }

// Len is how many members there are. They are called by their places, from 0 on.
func (f *Family) Len() int { return len(f.sizes) }

// Bytes is about how much memory the family takes, but for what it takes a member.
func (f *Family) Bytes() int {
	return 8*len(f.bits) + 12*len(f.index.hashes) + (24+2*fewMembers)*len(f.rare)
}

// Look prepares the comparisons of a set with the members.
func (f *Family) Look(set []uint64) {
	f.size = len(set)
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

// Find compares the set that Look was called with with the members whose places are bits of with, and returns the place of the
// first one that it resembles, -1 if there is none, and how many comparisons that took: one more than most where they are not
// enough.
func (f *Family) Find(with []uint64, threshold float64, most int) (place int, o Overlap, compared int) {
	// Without a division: a little less than the threshold, so that no pair that reaches it is passed over.
	least := threshold - 1e-9
	for w, word := range with {
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
			union := f.size + int(f.sizes[place]) - shared
			if float64(shared) < least*float64(union) {
				continue
			}
			if o := (Overlap{uint32(shared), uint32(union)}); o.Reaches(threshold) {
				return place, o, compared
			}
		}
	}
	return -1, o, compared
}

// Add makes a set a member and returns its place.
func (f *Family) Add(set []uint64) int32 {
	place := int32(len(f.sizes))
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

func (f *Family) set(place int32, bit int) { f.bits[int(place)*f.words+bit/64] |= 1 << (bit % 64) }

// widen makes room for the bits in use.
func (f *Family) widen() {
	if f.common <= 64*f.words {
		return
	}
	words := f.words + f.words/2 + 1
	wide := make([]uint64, words*len(f.sizes))
	for m := range f.sizes {
		copy(wide[m*words:], f.bits[m*f.words:(m+1)*f.words])
	}
	f.words, f.bits = words, wide
}

package contamination

import (
	"math/bits"
	"slices"
)

// posting is where an n-gram stands: in which part, and at which of its units.
type posting struct {
	part, at uint32
}

// keyed is a posting with the hash of its n-gram.
type keyed struct {
	hash uint64
	posting
}

// mostPostings is how many places of an n-gram lead to matches. What more items than that have in common is a template; each of them has
// n-grams of its own, or is the same question.
const mostPostings = 64

// table finds n-grams by their hashes. Entries are numbered by their hashes in ascending order.
type table struct {
	filter   []uint64 // two bits for each hash in the word of its lower bits
	mask     uint64
	shift    int      // what is left of a hash is its bucket
	buckets  []uint32 // the first entry of each bucket, and the end
	hashes   []uint64 // of the entries
	first    []uint32 // the first posting of each entry, and the end
	postings []posting
}

// bitsAnEntry is how many bits of the filter there are for an entry, at least.
const bitsAnEntry = 16

// newTable makes a table of all postings, which it sorts. Those of an entry stand in the order of parts and of their units.
func newTable(all []keyed) *table {
	slices.SortFunc(all, func(a, b keyed) int {
		switch {
		case a.hash != b.hash:
			return order(a.hash < b.hash)
		case a.part != b.part:
			return order(a.part < b.part)
		case a.at != b.at:
			return order(a.at < b.at)
		}
		return 0
	})
	t := &table{}
	for i, p := range all {
		if i == 0 || p.hash != all[i-1].hash {
			t.hashes = append(t.hashes, p.hash)
			t.first = append(t.first, uint32(len(t.postings)))
		}
		if len(t.postings)-int(t.first[len(t.first)-1]) < mostPostings {
			t.postings = append(t.postings, p.posting)
		}
	}
	t.first = append(t.first, uint32(len(t.postings)))
	t.prepare()
	return t
}

func order(less bool) int {
	if less {
		return -1
	}
	return 1
}

// prepare makes what entries are found by.
func (t *table) prepare() {
	n := max(len(t.hashes), 1)
	width := bits.Len(uint(n - 1))
	t.shift = 64 - width
	t.buckets = make([]uint32, 1<<width+1)
	words := max(1, 1<<bits.Len(uint(n*bitsAnEntry-1))/64)
	t.filter, t.mask = make([]uint64, words), uint64(words-1)
	entry := 0
	for b := range 1 << width {
		t.buckets[b] = uint32(entry)
		for entry < len(t.hashes) && t.hashes[entry]>>t.shift == uint64(b) {
			entry++
		}
	}
	t.buckets[1<<width] = uint32(entry)
	for _, h := range t.hashes {
		t.filter[h&t.mask] |= filterBits(h)
	}
}

// filterBits are the two bits that a hash has in its word of the filter.
func filterBits(h uint64) uint64 { return 1<<(h>>32&63) | 1<<(h>>38&63) }

// sift sets maybe to which of at most 64 hashes may have an entry: all that have one, and a few others. The loop has no branch, so that many words of
// the filter are underway from memory at once.
func (t *table) sift(hashes []uint64) (maybe uint64) {
	filter, mask := t.filter, t.mask
	for i, h := range hashes {
		want := filterBits(h)
		left := want &^ filter[h&mask]
		maybe |= (left - 1) >> 63 &^ (left >> 63) << i
	}
	return maybe
}

// find is the entry of a hash, or -1.
func (t *table) find(h uint64) int {
	b := h >> t.shift
	for e := t.buckets[b]; e < t.buckets[b+1]; e++ {
		if t.hashes[e] == h {
			return int(e)
		}
	}
	return -1
}

// at are the places of an entry.
func (t *table) at(entry int) []posting { return t.postings[t.first[entry]:t.first[entry+1]] }

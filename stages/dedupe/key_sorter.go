package dedupe

import (
	"cmp"
	"slices"
	"sync"
)

// keySorter sorts entries by key, equal keys staying in order. Keys are hashes, so the highest byte cuts them into 256
// parts that fit the cache; each is sorted by the next two bytes, least significant first, and the few groups that agree
// in all three by the rest.
type keySorter struct {
	entries []keyEntry // to be sorted
	other   []keyEntry
}

// keySorters keeps the memory of sorters, 16 MiB each, from one split to the next.
var keySorters = sync.Pool{New: func() any { return new(keySorter) }}

// insertionMost is the longest part that is sorted by insertion.
const insertionMost = 32

// sort sorts the entries; the two memories may change places.
func (s *keySorter) sort() {
	if cap(s.other) < len(s.entries) {
		s.other = make([]keyEntry, cap(s.entries))
	}
	from, to := s.entries, s.other[:len(s.entries)]
	var count [256]int
	for i := range from {
		count[from[i].key>>56]++
	}
	ends := scatter(from, to, &count, 56)
	start := 0
	for _, end := range ends {
		part := to[start:end]
		if len(part) <= insertionMost {
			insertionSort(part)
		} else {
			sortPart(part, from[start:end])
		}
		start = end
	}
	s.entries, s.other = to, from
}

// scatter moves the entries to the places of their digit, which is the byte at the given shift, and returns where each digit
// ends.
func scatter(from, to []keyEntry, count *[256]int, shift uint) *[256]int {
	sum := 0
	for i, n := range count {
		count[i] = sum
		sum += n
	}
	for _, e := range from {
		digit := uint8(e.key >> (shift & 63))
		to[count[digit]] = e
		count[digit]++
	}
	return count
}

// sortPart sorts entries that agree in the highest byte, with scratch memory of the same length.
func sortPart(part, scratch []keyEntry) {
	var low, high [256]int
	for i := range part {
		low[uint8(part[i].key>>40)]++
		high[uint8(part[i].key>>48)]++
	}
	scatter(part, scratch, &low, 40)
	scatter(scratch, part, &high, 48)
	for i := 0; i < len(part); {
		end := i + 1
		for end < len(part) && part[end].key>>40 == part[i].key>>40 {
			end++
		}
		if end-i <= insertionMost {
			insertionSort(part[i:end])
		} else {
			slices.SortStableFunc(part[i:end], func(a, b keyEntry) int { return cmp.Compare(a.key, b.key) })
		}
		i = end
	}
}

func insertionSort(part []keyEntry) {
	for i := 1; i < len(part); i++ {
		e := part[i]
		j := i
		for ; j > 0 && part[j-1].key > e.key; j-- {
			part[j] = part[j-1]
		}
		part[j] = e
	}
}

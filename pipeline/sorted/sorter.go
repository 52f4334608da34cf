package sorted

import (
	"cmp"
	"slices"
)

// Sorter sorts items by key, equal keys staying in order. Keys are hashes, so the highest byte cuts them into 256 parts that
// fit the cache; each is sorted by the next two bytes, least significant first, and the few groups that agree in all three by
// the rest. It keeps its memory from one sort to the next, and is used by one goroutine.
type Sorter[V any] struct {
	Items []Item[V] // to be sorted
	other []Item[V]
}

// insertionMost is the longest part that is sorted by insertion.
const insertionMost = 32

// Sort sorts the items. It needs as much memory as they take once more, and Items may lie in it afterwards.
func (s *Sorter[V]) Sort() {
	if cap(s.other) < len(s.Items) {
		s.other = make([]Item[V], cap(s.Items))
	}
	from, to := s.Items, s.other[:len(s.Items)]
	var count [256]int
	for i := range from {
		count[from[i].Key>>56]++
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
	s.Items, s.other = to, from
}

// scatter moves the items to the places of their digit, which is the byte at the given shift, and returns where each digit
// ends.
func scatter[V any](from, to []Item[V], count *[256]int, shift uint) *[256]int {
	sum := 0
	for i, n := range count {
		count[i] = sum
		sum += n
	}
	for _, e := range from {
		digit := uint8(e.Key >> (shift & 63))
		to[count[digit]] = e
		count[digit]++
	}
	return count
}

// sortPart sorts items that agree in the highest byte, with scratch memory of the same length.
func sortPart[V any](part, scratch []Item[V]) {
	var low, high [256]int
	for i := range part {
		low[uint8(part[i].Key>>40)]++
		high[uint8(part[i].Key>>48)]++
	}
	scatter(part, scratch, &low, 40)
	scatter(scratch, part, &high, 48)
	for i := 0; i < len(part); {
		end := i + 1
		for end < len(part) && part[end].Key>>40 == part[i].Key>>40 {
			end++
		}
		if end-i <= insertionMost {
			insertionSort(part[i:end])
		} else {
			slices.SortStableFunc(part[i:end], func(a, b Item[V]) int { return cmp.Compare(a.Key, b.Key) })
		}
		i = end
	}
}

func insertionSort[V any](part []Item[V]) {
	for i := 1; i < len(part); i++ {
		e := part[i]
		j := i
		for ; j > 0 && part[j-1].Key > e.Key; j-- {
			part[j] = part[j-1]
		}
		part[j] = e
	}
}

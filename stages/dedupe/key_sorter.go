package dedupe

import (
	"cmp"
	"slices"
)

// keySorter sorts entries by key, equal keys staying in order: a least-significant-digit radix sort over the highest 33
// bits in three passes, and then the few groups that agree in these are sorted by the rest. Keys are hashes, so such groups
// are almost all of equal keys.
type keySorter struct {
	other []keyEntry
	count [radixPasses][radixSize]uint32
}

const (
	radixBits   = 11
	radixSize   = 1 << radixBits
	radixPasses = 3
	radixShift  = 64 - radixBits*radixPasses
)

// sort returns the sorted entries, in their own memory or in the sorter's, and keeps the other one.
func (s *keySorter) sort(entries []keyEntry) []keyEntry {
	const small = 512 // below this the counters cost more than comparing
	if len(entries) < small {
		slices.SortStableFunc(entries, compareKeys)
		return entries
	}
	clear(s.count[:])
	for i := range entries {
		k := entries[i].key >> radixShift
		s.count[0][k%radixSize]++
		s.count[1][k>>radixBits%radixSize]++
		s.count[2][k>>(2*radixBits)%radixSize]++
	}
	if cap(s.other) < len(entries) {
		s.other = make([]keyEntry, cap(entries)) // the two change places
	}
	from, to := entries, s.other[:len(entries)]
	for pass := range radixPasses {
		count := &s.count[pass]
		sum := uint32(0)
		for i, n := range count {
			count[i] = sum
			sum += n
		}
		shift := radixShift + radixBits*pass
		for _, e := range from {
			digit := e.key >> shift % radixSize
			to[count[digit]] = e
			count[digit]++
		}
		from, to = to, from
	}
	s.other = to
	sortEqualDigits(from)
	return from
}

// sortEqualDigits sorts the groups that agree in the digits.
func sortEqualDigits(entries []keyEntry) {
	for i := 0; i < len(entries); {
		end, same := i+1, true
		for end < len(entries) && entries[end].key>>radixShift == entries[i].key>>radixShift {
			same = same && entries[end].key == entries[i].key
			end++
		}
		if !same {
			slices.SortStableFunc(entries[i:end], compareKeys)
		}
		i = end
	}
}

func compareKeys(a, b keyEntry) int { return cmp.Compare(a.key, b.key) }

package dedupe

// pairTable remembers pairs that were verified. Near duplicates share many keys; without it each key would verify them again.
// It forgets a pair for another one in its place: then the pair is verified twice, and its edge found twice, which is harmless.
type pairTable struct{ pairs []pair }

type pair struct{ later, earlier ref }

// maxPairs is the greatest size of the table: 2 MiB.
const maxPairs = 1 << 16

func newPairTable(documents int64) *pairTable {
	return &pairTable{make([]pair, tableSize(4*documents, maxPairs))}
}

// seen says whether the pair was here before, and remembers it.
func (t *pairTable) seen(later, earlier ref) bool {
	at := &t.pairs[mix64(later.hash()^earlier.number)%uint64(len(t.pairs))]
	p := pair{later, earlier}
	if *at == p {
		return true
	}
	*at = p
	return false
}

// tableSize is a power of two for n elements, within bounds.
func tableSize(n, most int64) int64 {
	size := int64(64)
	for size < most && size < n {
		size *= 2
	}
	return size
}

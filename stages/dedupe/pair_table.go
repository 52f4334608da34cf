package dedupe

import (
	"cmp"
	"slices"

	"github.com/millrace/millrace/stages/dedupe/shingle"
)

// pairTable remembers pairs that were verified. Near duplicates share many keys; without it each key would verify them again.
// It forgets a pair for another one in its place: then the pair is verified twice, and its edge found twice, which is harmless.
type pairTable struct{ pairs []pair }

// pair is two documents that share a key.
type pair struct{ later, earlier ref }

func (p pair) compare(q pair) int {
	return cmp.Or(cmp.Compare(p.later.number, q.later.number), cmp.Compare(p.earlier.version, q.earlier.version),
		cmp.Compare(p.earlier.number, q.earlier.number))
}

// pairList collects pairs, which come in the order of their keys, to be taken in the order of their documents, each once:
// then neighbours lie side by side in the files.
type pairList struct {
	pairs []pair
	most  int
}

// maxWaiting is the most pairs in memory: 8 MiB.
const maxWaiting = 1 << 18

// add appends a pair of a document of the run and an earlier one, and says whether the list is full: then it is to be taken.
func (l *pairList) add(p pair) bool {
	l.pairs = append(l.pairs, p)
	if len(l.pairs) < l.most {
		return false
	}
	l.sort()
	return len(l.pairs) > l.most/2 // where documents have many keys in common it is not
}

func (l *pairList) sort() {
	slices.SortFunc(l.pairs, pair.compare)
	l.pairs = slices.Compact(l.pairs)
}

// take returns the pairs, which are valid until the next add, and leaves none.
func (l *pairList) take() []pair {
	l.sort()
	pairs := l.pairs
	l.pairs = l.pairs[:0]
	return pairs
}

// maxPairs is the greatest size of the table: 2 MiB.
const maxPairs = 1 << 16

func newPairTable(documents int64) *pairTable {
	return &pairTable{make([]pair, tableSize(4*documents, maxPairs))}
}

// seen says whether the pair was here before, and remembers it.
func (t *pairTable) seen(p pair) bool {
	at := &t.pairs[shingle.Mix64(p.later.hash()^p.earlier.number)%uint64(len(t.pairs))]
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

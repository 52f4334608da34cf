package dedupe

// pairTable remembers pairs that were verified. Near duplicates share many keys; without it each key would verify them again.
// It forgets a pair for another one in its place: then the pair is verified twice, and its edge found twice, which is harmless.
type pairTable struct{ pairs []pair }

type pair struct{ later, earlier ref }

const pairSlots = 1 << 16 // 2 MiB

func newPairTable() *pairTable { return &pairTable{make([]pair, pairSlots)} }

// seen says whether the pair was here before, and remembers it.
func (t *pairTable) seen(later, earlier ref) bool {
	at := &t.pairs[mix64(later.hash()^earlier.number)%pairSlots]
	p := pair{later, earlier}
	if *at == p {
		return true
	}
	*at = p
	return false
}

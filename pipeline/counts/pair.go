package counts

import "fmt"

// Pair is two letters that follow each other, with how often they do, and in how many documents. 2-grams are many for what they tell, and are counted,
// kept and merged as numbers.
type Pair struct {
	Key              uint64 // PairKey
	Count, Documents int64
}

const (
	pairShift = 64 - 2*letterBits // bits of a key that are 0

	// mixLetter is odd, and near the golden section of mostLetters: letters that follow each other in Unicode come into different partitions.
	// unmixLetter is its inverse.
	mixLetter   = 162013
	unmixLetter = 8053
)

// PairKey is what pairs are in the order of: 18 bits for the left letter, times mixLetter, so that partitions of the keys (sorted.Partition) are even in any
// language; then 18 for the right one. Each pair has a key of its own.
func PairKey(left, right rune) uint64 {
	return uint64(mixed(uint32(left)))<<(letterBits+pairShift) | uint64(right)<<pairShift
}

func mixed(left uint32) uint32   { return left * mixLetter & (mostLetters - 1) }
func unmixed(left uint32) uint32 { return left * unmixLetter & (mostLetters - 1) }

// Letters are those of the pair.
func (p *Pair) Letters() (left, right rune) {
	return rune(unmixed(uint32(p.Key >> (letterBits + pairShift)))), rune(p.Key >> pairShift & (mostLetters - 1))
}

// Token is the pair as text.
func (p *Pair) Token() string {
	left, right := p.Letters()
	return string([]rune{left, right})
}

func outOfOrder(key uint64) error {
	p := Pair{Key: key}
	return fmt.Errorf("token %q is out of order", p.Token())
}

func tooMany(key uint64) error {
	p := Pair{Key: key}
	return fmt.Errorf("token %q: its count is beyond 64 bits", p.Token())
}

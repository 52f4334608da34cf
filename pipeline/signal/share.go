package signal

import (
	"math"
	"math/bits"
)

// Millionths is the unit of shares and means.
const Millionths = 1_000_000

// Share is part of all in millionths, 0 if all is 0. It is rounded down, but up where that would give a multiple of ten which the fraction is
// above. So a fraction is above, at or below a decimal of at most five digits just as its millionths are. Neither may be negative; what does not
// fit is the greatest number.
func Share(part, all int64) int64 {
	if all == 0 {
		return 0
	}
	high, low := bits.Mul64(uint64(part), Millionths)
	if high >= uint64(all) {
		return math.MaxInt64
	}
	n, rest := bits.Div64(high, low, uint64(all))
	if n >= math.MaxInt64 {
		return math.MaxInt64
	}
	if rest > 0 && n%10 == 0 {
		n++
	}
	return int64(n)
}

package textual

import (
	"math/bits"
	"sync"

	"github.com/millrace/millrace/pipeline/signal"
)

// logBits is how many binary digits behind the point logarithms have. So the logarithm of a count, and a sum of them over all characters of a text
// of less than 2 GiB, fits.
const logBits = 26

// smallLogs is how many logarithms are kept in a table.
const smallLogs = 1 << 12

var loadLogs = sync.OnceValue(func() *[smallLogs]uint64 {
	logs := new([smallLogs]uint64)
	for n := 1; n < smallLogs; n++ {
		logs[n] = log2(uint64(n))
	}
	return logs
})

// log2 is the binary logarithm of n > 0, rounded down, by squaring: each square of a number from 1 to 2 says another digit.
func log2(n uint64) uint64 {
	whole := bits.Len64(n) - 1
	x := n << (63 - whole) // from 1 to 2, with 63 digits behind the point
	out := uint64(whole)
	for range logBits {
		high, low := bits.Mul64(x, x) // 126 digits behind the point
		out <<= 1
		if high>>63 != 0 {
			out |= 1
			x = high
		} else {
			x = high<<1 | low>>63
		}
	}
	return out
}

// entropy is that of the characters, in millionths of a bit: the sum of -p·log2(p). It differs from the exact one by less than a millionth.
func (t *tally) entropy(chars int64) int64 {
	if chars == 0 {
		return 0
	}
	logs := loadLogs()
	all, sum := log2(uint64(chars)), uint64(0)
	for _, r := range t.seen {
		n := uint64(t.counts[r])
		log := uint64(0)
		if n < smallLogs {
			log = logs[n]
		} else {
			log = log2(n)
		}
		sum += n * (all - log)
	}
	high, low := bits.Mul64(sum, signal.Millionths)
	quotient, _ := bits.Div64(high, low, uint64(chars)) // sum is at most 47 bits a character
	return int64((quotient + 1<<(logBits-1)) >> logBits)
}

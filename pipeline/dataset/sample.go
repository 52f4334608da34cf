package dataset

import (
	"math/bits"

	"github.com/zeebo/xxh3"
)

// sampleRuns is how many places a sample is from, at most.
const sampleRuns = 64

// SampleRows are the rows of a file, which begins at the row base of total, that are in a sample of n rows of all files: runs of rows that follow each
// other, from places that hashes tell, so that few parts of few files are read. All rows if there are no more than n.
func SampleRows(total, base, rows, n int64) (list []int64) {
	runs := min(sampleRuns, n)
	if n >= total {
		runs = 1
	}
	for r := range runs {
		from, to := total*r/runs, total*(r+1)/runs // the part of all rows that the run is from
		length := to - from
		if n < total {
			length = int64(rowsOf(n, to, total) - rowsOf(n, from, total))
		}
		if room := uint64(to - from - length + 1); room > 1 {
			from += int64(xxh3.Hash([]byte{byte(r)}) % room)
		}
		for i := max(from, base); i < min(from+length, base+rows); i++ {
			list = append(list, i-base)
		}
	}
	return list
}

// rowsOf is how many of n rows are before a row of total: of two rows, no more between them than there are.
func rowsOf(n, row, total int64) uint64 {
	high, low := bits.Mul64(uint64(n), uint64(row))
	q, _ := bits.Div64(high, low, uint64(total))
	return q
}

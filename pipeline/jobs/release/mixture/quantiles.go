package mixture

import (
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"math/bits"
	"slices"
)

// Values is the first pass over the values of a signal: how many lie in each range. Ranges are narrow near 0 and wide far from it, so that the
// values between two borders are few. The zero value is ready; it is not safe for concurrent use.
type Values struct {
	counts map[uint32]int64
	total  int64
}

// mantissa is how many bits of a value, behind its first, tell its range.
const mantissa = 10

// rangeOf is the number of a value's range. Numbers are in the order of values: at most 2·middle.
func rangeOf(v int64) uint32 {
	n := uint64(v)
	if v < 0 {
		n = ^n // -1 is 0
	}
	r := uint32(n)
	if length := bits.Len64(n); length > mantissa+1 {
		shift := length - mantissa - 1
		r = uint32(shift)<<mantissa + uint32(n>>shift)
	}
	if v < 0 {
		return middle - 1 - r
	}
	return middle + r
}

const middle = 1 << 16

// Add counts documents with a value.
func (s *Values) Add(v, documents int64) { s.addRange(rangeOf(v), documents) }

func (s *Values) addRange(r uint32, documents int64) {
	if s.counts == nil {
		s.counts = map[uint32]int64{}
	}
	s.counts[r] += documents
	s.total += documents
}

// Merge adds what another counted.
func (s *Values) Merge(o *Values) {
	for r, n := range o.counts {
		s.addRange(r, n)
	}
}

// Append writes the counts, as varints in the order of ranges.
func (s *Values) Append(dst []byte) []byte {
	for _, r := range slices.Sorted(maps.Keys(s.counts)) {
		dst = binary.AppendUvarint(dst, uint64(r))
		dst = binary.AppendUvarint(dst, uint64(s.counts[r]))
	}
	return dst
}

var errValues = errors.New("these are no counts of values")

// Read adds what Append wrote.
func (s *Values) Read(data []byte) error {
	for len(data) > 0 {
		r, n := binary.Uvarint(data)
		if n <= 0 || r >= 2*middle {
			return errValues
		}
		count, m := binary.Uvarint(data[n:])
		if m <= 0 || count > uint64(math.MaxInt64-s.total) {
			return errValues
		}
		s.addRange(uint32(r), int64(count))
		data = data[n+m:]
	}
	return nil
}

// Quantiles begins the second pass, for so many buckets with equally many documents.
func (s *Values) Quantiles(buckets int) *Quantiles {
	q := &Quantiles{total: s.total, exact: map[uint32]map[int64]int64{}}
	ranges := slices.Sorted(maps.Keys(s.counts))
	at, below := 0, int64(0)
	for k := 1; k < buckets && q.total > 0; k++ {
		b := quantile{rank: mulDiv(q.total, int64(k), int64(buckets))}
		for below+s.counts[ranges[at]] <= b.rank {
			below += s.counts[ranges[at]]
			at++
		}
		b.below, b.of = below, ranges[at]
		q.borders = append(q.borders, b)
		q.exact[b.of] = map[int64]int64{}
	}
	return q
}

// Quantiles is the second pass: the values of the ranges that have a border, each with its documents. Of values below 2^30 a range has half a
// million at most. It is not safe for concurrent use.
type Quantiles struct {
	total   int64
	borders []quantile
	exact   map[uint32]map[int64]int64 // by range
}

// quantile is a border: so many documents should lie in the buckets before.
type quantile struct {
	rank  int64
	of    uint32 // its range
	below int64  // documents below the range
}

// Add counts documents with a value.
func (q *Quantiles) Add(v, documents int64) {
	if counts, has := q.exact[rangeOf(v)]; has {
		counts[v] += documents
	}
}

// Merge adds what another of the same Values counted.
func (q *Quantiles) Merge(o *Quantiles) {
	for _, counts := range o.exact {
		for v, n := range counts {
			q.Add(v, n)
		}
	}
}

// Borders are the values at which the buckets but the first begin, rising: see Bucket. Documents with the same value are in one bucket: a border is
// then where the buckets before it come nearest to what they should have. No bucket is empty, so there may be fewer than were asked for.
func (q *Quantiles) Borders() (borders []int64) {
	before := int64(0) // documents before the last border
	for _, b := range q.borders {
		counts, below := q.exact[b.of], b.below
		for _, v := range slices.Sorted(maps.Keys(counts)) {
			behind := below + counts[v]
			if behind <= b.rank {
				below = behind
				continue
			}
			at, border := below, v
			if last := behind == q.total; !last && (below == 0 || b.rank-below > behind-b.rank) {
				at, border = behind, v+1
			}
			if at > before {
				borders, before = append(borders, border), at
			}
			break
		}
	}
	return borders
}

// Bucket is the number of a value's bucket, from 0 on: how many borders are not above it.
func Bucket(borders []int64, v int64) int {
	n, found := slices.BinarySearch(borders, v)
	if found {
		n++
	}
	return n
}

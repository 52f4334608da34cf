package mixture

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"slices"
)

// Histogram is the first pass: how much lies in each bucket of keys. It takes 8 bytes a bucket. Not safe for concurrent use.
type Histogram struct {
	shift uint // of a key, to the number of its bucket
	sums  []int64
}

// Buckets of a histogram: 2^16 where there are few strata, and fewer where all histograms together would take more than 8 MiB.
const (
	mostBits, leastBits = 16, 6
	allBits             = 20
)

// NewHistogram makes the histogram of one of so many strata.
func NewHistogram(strata int) *Histogram {
	b := min(max(allBits-bits.Len(uint(max(strata, 1)-1)), leastBits), mostBits)
	return &Histogram{shift: 64 - uint(b), sums: make([]int64, 1<<b)}
}

// Add counts a document: size is in the unit, with its weight. Sums saturate.
func (h *Histogram) Add(key uint64, size int64) {
	b := key >> h.shift
	h.sums[b] = add(h.sums[b], size)
}

// Merge adds what another of as many strata counted.
func (h *Histogram) Merge(o *Histogram) {
	for i, n := range o.sums {
		h.sums[i] = add(h.sums[i], n)
	}
}

func add(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// Border is the bucket in which the sum of sizes reaches the target.
func (h *Histogram) Border(target int64) Border {
	b := Border{target: target, shift: h.shift}
	if target <= 0 {
		b.done = true
		return b
	}
	for i, n := range h.sums {
		if n > target-b.below {
			b.bucket = uint64(i)
			return b
		}
		b.below += n
	}
	b.done, b.bound.All = true, true
	return b
}

// Append writes the sums of the buckets that have one, as varints.
func (h *Histogram) Append(dst []byte) []byte {
	last := 0
	for i, n := range h.sums {
		if n > 0 {
			dst = binary.AppendUvarint(dst, uint64(i-last))
			dst = binary.AppendUvarint(dst, uint64(n))
			last = i
		}
	}
	return dst
}

var errHistogram = errors.New("this is no histogram of keys")

// Read adds what Append wrote, of as many strata.
func (h *Histogram) Read(data []byte) error {
	bucket := uint64(0)
	for len(data) > 0 {
		step, n := binary.Uvarint(data)
		if n <= 0 {
			return errHistogram
		}
		size, m := binary.Uvarint(data[n:])
		if bucket += step; m <= 0 || step > uint64(len(h.sums)) || bucket >= uint64(len(h.sums)) || size > math.MaxInt64 {
			return errHistogram
		}
		h.Add(bucket<<h.shift, int64(size))
		data = data[n+m:]
	}
	return nil
}

// Border is a bucket, and what lies below it.
type Border struct {
	target, below int64
	shift         uint
	bucket        uint64
	done          bool
	bound         Bound // if it is done
}

// Done says that no second pass is needed: nothing is to be taken, or all.
func (b *Border) Done() bool { return b.done }

// Has says whether a document is in the bucket, so that Items has to know it.
func (b *Border) Has(key uint64) bool { return !b.done && key>>b.shift == b.bucket }

// Item is a document in the bucket of a border.
type Item struct {
	Key  uint64
	ID   [16]byte
	Size int64
}

// Items is the second pass: the documents in the bucket of a border, one in as many as there are buckets, 32 bytes each. It is not safe for concurrent
// use; those of several tasks are appended to each other.
type Items []Item

// Bound returns where the rest ends, and the sum of the sizes below: it is at most the target, and with the next document it would be above. h
// has to have counted the documents of items.
func (b *Border) Bound(items Items) (Bound, int64) {
	if b.done {
		return b.bound, b.below
	}
	items = slices.Clone(items)
	slices.SortFunc(items, func(i, k Item) int { return cmp.Or(cmp.Compare(i.Key, k.Key), bytes.Compare(i.ID[:], k.ID[:])) })
	sum := b.below
	for i := range items {
		if items[i].Size > b.target-sum {
			return Bound{Key: items[i].Key, ID: items[i].ID}, sum
		}
		sum += items[i].Size
	}
	// Not reached with the items that the histogram counted. All of the bucket is below.
	if b.bucket == 1<<(64-b.shift)-1 {
		return Bound{All: true}, sum
	}
	return Bound{Key: (b.bucket + 1) << b.shift}, sum
}

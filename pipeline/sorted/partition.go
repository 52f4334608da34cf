package sorted

import (
	"math"
	"math/bits"
)

// Partition is the partition of a key among n. Partitions are equal parts of the key space, so they ascend with the key.
func Partition(key uint64, n int) int {
	p, _ := bits.Mul64(key, uint64(n))
	return int(p)
}

// KeyRange is the least and the largest key of a partition among so many.
func KeyRange(partition, partitions int) (least, most uint64) {
	least, most = leastKey(partition, partitions), math.MaxUint64
	if partition+1 < partitions {
		most = leastKey(partition+1, partitions) - 1
	}
	return least, most
}

func leastKey(partition, partitions int) uint64 {
	q, rest := bits.Div64(uint64(partition), 0, uint64(partitions))
	if rest > 0 {
		q++
	}
	return q
}

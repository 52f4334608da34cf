package sorted

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkSort(b *testing.B) {
	const n = 512 << 10
	r := rand.New(rand.NewPCG(1, 1))
	items := make([]Item[uint32], n)
	for i := range items {
		items[i] = Item[uint32]{r.Uint64(), uint32(i)}
	}
	var s Sorter[uint32]
	for b.Loop() {
		s.Items = append(s.Items[:0], items...)
		s.Sort()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/key")
}

package dedupe

import (
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

func TestKeptBits(t *testing.T) {
	r := rand.New(rand.NewPCG(40, 41))
	for _, n := range []int64{0, 1, 7, 8, 9, 511, 512, 513, 1024, 5000} {
		k := newKeptBits(n)
		kept := make([]bool, n)
		for d := range n {
			if kept[d] = r.IntN(3) > 0; !kept[d] {
				k.clear(d)
			}
		}
		k.index()
		rank := int64(0)
		for d := range n {
			if k.get(d) != kept[d] || k.rank(d) != rank {
				t.Fatalf("document %d of %d: kept %v, rank %d, want %v, %d", d, n, k.get(d), k.rank(d), kept[d], rank)
			}
			if kept[d] {
				rank++
			}
		}
		if k.rank(n) != rank {
			t.Errorf("rank of the end is %d, want %d", k.rank(n), rank)
		}
		ones := 0
		for _, b := range k.bits {
			ones += bits.OnesCount8(b)
		}
		if int64(ones) != rank {
			t.Errorf("%d bits are set for %d documents: the last byte is padded with ones", ones, rank)
		}
	}
}

func TestCutShards(t *testing.T) {
	const huge = 1 << 40
	tests := []struct {
		lengths []int64 // -1: not kept
		shard   int64
		want    []ingest.Shard
	}{
		{nil, 10, []ingest.Shard{}},
		{[]int64{-1, -1}, 10, []ingest.Shard{}},
		{[]int64{-1, 5, -1}, 10, []ingest.Shard{{First: 0, End: 3, Kept: 1, Bytes: 5}}},
		{[]int64{5, 5, -1, 5, 5}, 10, []ingest.Shard{{First: 0, End: 3, Kept: 2, Bytes: 10}, {First: 3, End: 5, Kept: 2, Bytes: 10}}},
		{[]int64{5, 5, 5, 5, 1}, 10, []ingest.Shard{
			{First: 0, End: 1, Kept: 1, Bytes: 5}, {First: 1, End: 3, Kept: 2, Bytes: 10}, {First: 3, End: 5, Kept: 2, Bytes: 6},
		}},
		{[]int64{1, 100, 1}, 10, []ingest.Shard{
			{First: 0, End: 1, Kept: 1, Bytes: 1}, {First: 1, End: 2, Kept: 1, Bytes: 100}, {First: 2, End: 3, Kept: 1, Bytes: 1},
		}},
		{[]int64{0, 0}, 10, []ingest.Shard{{First: 0, End: 2, Kept: 2, Bytes: 0}}},
		{[]int64{huge, huge}, 1 << 20, []ingest.Shard{
			{First: 0, End: 1, Kept: 1, Bytes: huge}, {First: 1, End: 2, Kept: 1, Bytes: huge},
		}},
	}
	for _, tt := range tests {
		got, err := cutShards(tt.shard, int64(len(tt.lengths)), func(yield func(document, bytes int64)) error {
			for d, n := range tt.lengths {
				if n >= 0 {
					yield(int64(d), n)
				}
			}
			return nil
		})
		if d := cmp.Diff(tt.want, got); d != "" || err != nil {
			t.Errorf("%v: %v %s", tt.lengths, err, d)
		}
	}
	if _, err := cutShards(0, 1, nil); !pipeline.IsPermanent(err) {
		t.Errorf("shards of no bytes: %v", err)
	}
}

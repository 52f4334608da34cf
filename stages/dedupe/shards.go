package dedupe

import (
	"fmt"
	"math/bits"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// cutShards cuts the documents of the run into shards of nearly equal kept text: as few as hold shardBytes each on average. A
// cut falls where it is nearest to its place among the bytes, between documents, so a shard may be longer by half a
// document; where a document is longer than a shard there are fewer shards, but none without a kept document. scan is
// called twice and yields the kept documents in order.
func cutShards(shardBytes, documents int64, scan func(yield func(document, bytes int64)) error) ([]ingest.Shard, error) {
	if shardBytes < 1 {
		return nil, pipeline.Permanent(fmt.Errorf("plan has shards of %d bytes", shardBytes))
	}
	var total, kept int64
	if err := scan(func(_, bytes int64) { total += bytes; kept++ }); err != nil {
		return nil, err
	}
	shards := []ingest.Shard{}
	if kept == 0 {
		return shards, nil
	}
	n := max(1, (total+shardBytes-1)/shardBytes)
	cuts := int64(1)             // number of the next cut
	cut := share(total, cuts, n) // its place among the bytes
	var sum int64                // bytes of documents before
	var s ingest.Shard           // the one that is being filled
	err := scan(func(document, bytes int64) {
		// A document belongs to the shard in which its middle lies.
		for cuts < n && sum+bytes/2 >= cut {
			if s.Kept > 0 {
				s.End = document
				shards = append(shards, s)
				s = ingest.Shard{First: document}
			}
			cuts++
			cut = share(total, cuts, n)
		}
		s.Kept++
		s.Bytes += bytes
		sum += bytes
	})
	if err != nil {
		return nil, err
	}
	s.End = documents
	return append(shards, s), nil
}

// share is total*i/n without overflow, for i <= n.
func share(total, i, n int64) int64 {
	hi, lo := bits.Mul64(uint64(total), uint64(i))
	q, _ := bits.Div64(hi, lo, uint64(n))
	return int64(q)
}

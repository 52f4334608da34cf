package compact

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/corpus"
	"millrace/pipeline/corpus/manifest"
	"millrace/pipeline/dataset"
)

// body is what a plan says of a compaction. All of it is in the digest.
type body struct {
	Shards   []dataset.File `json:"shards"`   // that are read, in order
	Compacts []int          `json:"compacts"` // the runs whose documents they hold, ascending
	Ends     []int64        `json:"ends"`     // of each new shard: the number of the row behind its last one
	Level    int            `json:"level"`
	Group    int64          `json:"group_bytes"`
}

// firsts are the numbers of the first row of every shard that is read; the last element is the number of all.
func (b *body) firsts() []int64 {
	first := []int64{0}
	for _, f := range b.Shards {
		first = append(first, first[len(first)-1]+f.Rows)
	}
	return first
}

// bodyOf returns what a plan says, decoded once. It is shared, and must not be changed.
func bodyOf(p *pipeline.Plan) (*body, error) {
	b, err := p.Decoded(func(p *pipeline.Plan) (any, error) {
		b := &body{}
		return b, json.Unmarshal(p.Body, b)
	})
	if err != nil {
		return nil, pipeline.Permanent(fmt.Errorf("decode the plan of a compaction: %w", err))
	}
	return b.(*body), nil
}

// plan plans a compaction, nil if there is nothing to gain.
func plan(ctx context.Context, c *corpus.Corpus, o Options) (*pipeline.Plan, error) {
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	v := manifest.ViewOf(list)
	small := smallUnits(&v, o.ShardBytes)
	if len(small) == 0 {
		return nil, nil //nolint:nilnil // there is nothing to gain
	}
	b := body{Level: o.Table.Level, Group: o.Table.GroupBytes}
	for _, u := range small {
		b.Shards = append(b.Shards, u.Shards...)
		b.Compacts = append(b.Compacts, u.Versions...)
	}
	slices.Sort(b.Compacts)
	if b.Ends, err = b.cut(ctx, c.Store(), o.ShardBytes); err != nil {
		return nil, err
	}
	what, err := json.Marshal(&b)
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	return &pipeline.Plan{
		Kind: Name, Code: pipeline.CodeVersion, Version: v.Newest.Version + 1, Parent: v.Newest.Version, Live: v.Newest.Live,
		Settings: json.RawMessage("{}"), Body: what,
	}, nil
}

// cut returns the number of the row behind each new shard: as few shards as hold their text on average, cut where it is
// nearest to equal parts.
func (b *body) cut(ctx context.Context, from pipeline.Store, shardBytes int64) (ends []int64, err error) {
	var lengths []int32
	total := int64(0)
	for _, f := range b.Shards {
		err := pipeline.ReadTable(ctx, from, f.Path, columnar.Selection{Int: []string{"bytes"}}, func(d *columnar.Frame) error {
			for _, n := range d.Int("bytes") {
				lengths = append(lengths, int32(n)) // a text has less than 1 GiB
				total += n
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if first := b.firsts(); int64(len(lengths)) != first[len(first)-1] {
		return nil, fmt.Errorf("the shards have %d rows, their manifests say %d", len(lengths), first[len(first)-1])
	}
	n := shardsFor(total, shardBytes)
	sum, last := int64(0), int64(0)
	for i, bytes := range lengths {
		// A document belongs to the shard in which its middle lies.
		if row := int64(i); int64(len(ends))+1 < n && row > last && sum+int64(bytes)/2 >= total/n*int64(len(ends)+1) {
			ends, last = append(ends, row), row
		}
		sum += int64(bytes)
	}
	return append(ends, int64(len(lengths))), nil
}

// smallUnits are the units that are worth writing anew: none unless there will be fewer shards.
func smallUnits(v *manifest.View, shardBytes int64) (small []manifest.Unit) {
	kept := map[int]int64{} // bytes of text
	for _, m := range v.Live {
		kept[m.Version] = m.Totals.KeptBytes
	}
	bytes, shards := int64(0), int64(0)
	for _, u := range v.Units {
		text := int64(0)
		for _, version := range u.Versions {
			text += kept[version]
		}
		if n := int64(len(u.Shards)); n > 0 && format.Holds(u.Shards[0].Path) && text/n < shardBytes/2 {
			small = append(small, u)
			bytes += text
			shards += n
		}
	}
	if len(small) < 2 || shardsFor(bytes, shardBytes) >= shards {
		return nil
	}
	return small
}

func shardsFor(bytes, shardBytes int64) int64 { return max(1, (bytes+shardBytes-1)/shardBytes) }

package release

import (
	"context"
	"maps"
	"math/bits"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/rule"
)

// sides says to which split documents belong. A document does so by a hash of its id, or of its group, for each split in the order of their names: each has its
// share of all documents, out of those that the splits before it left. So a document changes sides neither with the corpus nor with what else is selected, and a
// larger share of a split has all documents that a smaller one had.
type sides struct {
	by     string
	names  []string // the first is recipe.Train
	shares []rule.Number
	seeds  []uint64
	frozen *frozen
}

func splitNames(s *recipe.Split) []string {
	names := []string{recipe.Train}
	if s != nil {
		names = append(names, slices.Sorted(maps.Keys(s.Shares))...)
	}
	return names
}

func (k *Kind) sidesOf(ctx context.Context, job *pipeline.Job, b *body) (*sides, error) {
	s := &sides{names: splitNames(b.Recipe.Split)}
	if b.Recipe.Split == nil {
		return s, nil
	}
	s.by = b.Recipe.Split.By
	for _, name := range s.names {
		s.shares = append(s.shares, b.Recipe.Split.Shares[name])
		s.seeds = append(s.seeds, xxh3.HashString("split "+name))
	}
	var err error
	s.frozen, err = k.frozenOf(ctx, job, b)
	return s, err
}

// of is the number of a document's split.
func (s *sides) of(id *[16]byte, group *grouping, source, meta []byte) uint8 {
	if len(s.names) == 1 {
		return 0
	}
	if side, ok := s.frozen.find(id); ok {
		return side
	}
	key := id[:]
	if group != nil {
		key = group.of(source, meta)
	}
	left := rule.One // the share that no split has had yet
	for i := 1; i < len(s.names); i++ {
		if drawn(xxh3.HashSeed(key, s.seeds[i]), s.shares[i], left) {
			return uint8(i)
		}
		left -= s.shares[i]
	}
	return 0
}

// drawn says whether a hash is in the share of all hashes that share is of a whole.
func drawn(hash uint64, share, whole rule.Number) bool {
	high, _ := bits.Mul64(hash, uint64(whole))
	return high < uint64(share)
}
